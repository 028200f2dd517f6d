/**
 * A hub with its first admin, whose pages are logged in, and workers that are registered by the command that the page shows, as people do it: paired, so
 * that they let in devices only that somebody trusted.
 */
import { join } from "node:path";
import type { Page } from "playwright-core";
import { freePort } from "../harness/free-port.ts";
import { setUpHub } from "../harness/known-logins.ts";
import type { Cleanup } from "../harness/make-cleanup.ts";
import { type LeapmuxProcess, startLeapmux, untilReady } from "../harness/processes.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { runLeapmux } from "../cli/run-leapmux.ts";
import { makeHome } from "./open-page.ts";

export interface HubForWorkers {
  readonly url: string;
  /** Runs what the dialog of this page shows, with its own data directory. */
  runShownCommand(page: Page, name: string): Promise<LeapmuxProcess>;
  /** `leapmux worker …` on the machine of that worker; returns what it prints. */
  atConsole(name: string, ...command: string[]): Promise<string>;
}

export async function startHubForWorkers(cleanup: Cleanup): Promise<HubForWorkers> {
  const directory = await makeTemporaryDirectory(cleanup);
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const args = ["hub", "--listen", address, "--data-dir", join(directory, "hub")];
  const hub = startLeapmux(cleanup, args);
  await untilReady(hub, url);
  await setUpHub(hub, url);
  const { env } = await makeHome(cleanup);
  const dirOf = (name: string) => join(directory, `worker-${name}`);
  return {
    url,
    async runShownCommand(page, name) {
      const dialog = page.getByRole("dialog", { name: "Register a worker" });
      await dialog.getByLabel("Name").fill(name);
      const command = (await dialog.locator("pre").textContent()) ?? "";
      const [program, ...flags] = command.trim().split(" ");
      if (program !== "leapmux") throw new Error("not a command of ours");
      return startLeapmux(cleanup, [...flags, "--data-dir", dirOf(name)], { env });
    },
    async atConsole(name, ...command) {
      const ran = await runLeapmux(cleanup, ["worker", ...command, "--data-dir", dirOf(name)]);
      return ran.stdout;
    },
  };
}

export async function openRegisterDialog(page: Page): Promise<void> {
  await page.getByRole("navigation").getByRole("button", { name: "Register a worker" }).click();
  await page.getByRole("dialog", { name: "Register a worker" }).locator("pre").waitFor();
}

export async function readWords(page: Page, label: string): Promise<string> {
  const shown = page.getByRole("group", { name: `${label}:` }).locator(".word");
  await shown.first().waitFor();
  return (await shown.allTextContents()).join("-");
}
