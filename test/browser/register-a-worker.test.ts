/**
 * The dialog that registers a worker, with a real worker that runs the shown command: verified by pairing, whatever
 * the hub says, and refused loudly where the hub puts another key in its place (protocol §7).
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  GetRegistrationResponseSchema,
  RegistrationState,
} from "@leapmux/proto/hub/v1/worker_pb.ts";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { startBrowser } from "../harness/browser.ts";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { until } from "../harness/until.ts";
import { findSeriousProblems } from "./check-accessibility.ts";
import { openRegisterDialog, readWords, startHubForWorkers } from "./hub-with-workers.ts";
import { openPage } from "./open-page.ts";
import { untilPrompt } from "./terminal-in-page.ts";

test("a worker that runs the shown command is verified, with the words that it prints, and opens a shell", async () => {
  const cleanup = cleanupAfterTest();
  const browser = await startBrowser(cleanup);
  const hub = await startHubForWorkers(cleanup);
  const { page, problems } = await openPage(cleanup, browser, hub.url);
  await openRegisterDialog(page);
  expect(await findSeriousProblems(page)).toEqual([]);
  const worker = await hub.runShownCommand(page, "bench-1");

  await page.getByText("bench-1 is verified").waitFor();
  const words = await readWords(page, "Fingerprint");
  await until(() => worker.stdout().includes(words), "the worker to print the same words");
  expect(await findSeriousProblems(page)).toEqual([]);
  await page.getByRole("button", { name: "Done" }).click();

  await page.getByRole("main").getByRole("button", { name: "New workspace" }).click();
  await untilPrompt(page);
  await page.getByRole("contentinfo").getByText("Verified", { exact: true }).waitFor();
  expect(problems).toEqual([]);
}, 120_000);

test("a key that the hub swapped is refused and pinned nowhere", async () => {
  const cleanup = cleanupAfterTest();
  const browser = await startBrowser(cleanup);
  const hub = await startHubForWorkers(cleanup);
  const { page } = await openPage(cleanup, browser, hub.url);
  await swapReportedKey(page);
  await openRegisterDialog(page);
  await hub.runShownCommand(page, "bench-1");

  const alert = page.getByRole("dialog").getByRole("alert");
  await alert.getByText("This worker is not trusted.").waitFor();
  expect(await findSeriousProblems(page)).toEqual([]);
  expect(await readStore(page, "leapmux-trust", "pins")).toEqual([]);
}, 120_000);

test("the key is withdrawn when the dialog closes", async () => {
  const cleanup = cleanupAfterTest();
  const browser = await startBrowser(cleanup);
  const hub = await startHubForWorkers(cleanup);
  const { page } = await openPage(cleanup, browser, hub.url);
  await openRegisterDialog(page);
  const withdrawn = page.waitForResponse((answer) =>
    answer.url().endsWith("/DestroyRegistrationKey"),
  );
  const command = await page.getByRole("dialog").locator("pre").textContent();
  await page.keyboard.press("Escape");
  expect((await withdrawn).status()).toBe(200);
  await openRegisterDialog(page);
  expect(await page.getByRole("dialog").locator("pre").textContent()).not.toBe(command);
}, 120_000);

/** The hub as a liar: another key than the one that the worker proved. */
async function swapReportedKey(page: Page): Promise<void> {
  await page.route("**/leapmux.hub.v1.WorkerService/GetRegistration", async (route) => {
    const answer = await route.fetch();
    const told = fromBinary(GetRegistrationResponseSchema, await answer.body());
    if (told.state !== RegistrationState.REGISTERED) return route.fulfill({ response: answer });
    const compositePublicKey = told.compositePublicKey.with(0, told.compositePublicKey[0]! ^ 1);
    const lie = create(GetRegistrationResponseSchema, { ...told, compositePublicKey });
    return route.fulfill({
      status: 200,
      contentType: "application/proto",
      body: Buffer.from(toBinary(GetRegistrationResponseSchema, lie)),
    });
  });
}

function readStore(page: Page, database: string, store: string): Promise<unknown[]> {
  return page.evaluate(
    ([name, inside]) =>
      new Promise<unknown[]>((resolve, reject) => {
        const opening = indexedDB.open(name!);
        opening.addEventListener("error", () => reject(new Error("no database")));
        opening.addEventListener("success", () => {
          if (!opening.result.objectStoreNames.contains(inside!)) return resolve([]);
          const all = opening.result.transaction(inside!).objectStore(inside!).getAll();
          all.addEventListener("success", () => resolve(all.result));
        });
      }),
    [database, store],
  );
}
