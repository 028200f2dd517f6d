/** `leapmux open`: the page comes from the package on this machine, the hub is an API behind it. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetSystemInfoResponseSchema, HubKind } from "@leapmux/proto/hub/v1/system_pb.ts";
import { expect, test } from "vitest";
import { startBrowser } from "../harness/browser.ts";
import { cleanupAfterFile, cleanupAfterTest, type Cleanup } from "../harness/cleanup.ts";
import { sendError, sendMessage, startFakeHub } from "../harness/fake-hub.ts";
import { logInCommandLine } from "../harness/known-logins.ts";
import { startLeapmux, type LeapmuxProcess } from "../harness/processes.ts";
import { startProcesses } from "../harness/start-processes.ts";
import { loginToken } from "../harness/start-local-frontend.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { until } from "../harness/until.ts";
import { openRegisterDialog } from "./hub-with-workers.ts";
import { makeHome, openFirstWorkspace, openPage } from "./open-page.ts";
import { settle, typeLine, untilPrompt, untilRow } from "./terminal-in-page.ts";

const shared = cleanupAfterFile();
const browser = await startBrowser(shared);

interface Opened {
  readonly process: LeapmuxProcess;
  readonly config: string;
  /** Works once. */
  address(): Promise<string>;
}

/** A place for settings as `leapmux login` leaves it. */
async function makeConfig(cleanup: Cleanup, hub: string, token = loginToken): Promise<string> {
  const place = await makeTemporaryDirectory(cleanup);
  mkdirSync(join(place, "leapmux"), { mode: 0o700 });
  const content = { format: 1, hubs: { [hub]: { login_token: token, username: "ada" } } };
  writeFileSync(join(place, "leapmux/logins.json"), JSON.stringify(content), { mode: 0o600 });
  return place;
}

async function startOpen(cleanup: Cleanup, hub: string, place: string): Promise<Opened> {
  const process = startLeapmux(cleanup, ["open", hub, "--no-open"], {
    env: { XDG_CONFIG_HOME: place },
  });
  let used = 0;
  return {
    process,
    config: place,
    address: () =>
      until(() => {
        const all = [...process.stdout().matchAll(/http:\S+\/enter#lmo_[\w-]{43}/g)];
        const [found] = all[used] ?? [];
        if (found !== undefined) used += 1;
        if (!process.isRunning()) throw new Error(process.stderr());
        return found;
      }, "an address to open"),
  };
}

const originOf = (address: string): string => new URL(address).origin;

test("a command runs in a terminal of a hub whose page is never loaded", async () => {
  const cleanup = cleanupAfterTest();
  const { env } = await makeHome(cleanup);
  const system = await startProcesses(cleanup, { worker: { env } });
  const config = await makeConfig(cleanup, system.url, await logInCommandLine(system.url));
  const opened = await startOpen(cleanup, system.url, config);
  const address = await opened.address();
  const origin = originOf(address);
  expect(origin).toMatch(/^http:\/\/lm-[0-9a-f]{20}\.localhost:[23]\d{4}$/);

  const { page, problems } = await openPage(cleanup, browser, address);
  const origins = new Set<string>();
  page.context().on("request", (request) => origins.add(originOf(request.url())));
  await openFirstWorkspace(page);
  await untilPrompt(page);
  await typeLine(page, 'echo "sum is $((20 + 22))"');
  await untilRow(page, "sum is 42");
  expect([...origins]).toEqual([origin]);
  expect(page.url()).not.toContain("lmo_");

  // 1. About: where the page comes from, and how to check the hub.
  await page.keyboard.press("Alt+Shift+P");
  await page.getByRole("combobox", { name: "Find a command" }).waitFor();
  await page.keyboard.type("About");
  await page.keyboard.press("Enter");
  const about = page.getByRole("dialog", { name: "About LeapMux" });
  await about.getByText("From the package on your own machine").waitFor();
  await about.getByText(`leapmux verify ${system.url}`).waitFor();
  const manifest = readFileSync(
    join(import.meta.dirname, "../../frontend/dist/.manifest.json"),
    "utf8",
  );
  await about.getByText(createHash("sha256").update(manifest).digest("hex")).waitFor();
  await page.keyboard.press("Escape");

  // A worker registers at the hub, not at this machine's frontend.
  await openRegisterDialog(page);
  await page.getByText(`leapmux worker --hub ${system.url} `).waitFor();
  await page.keyboard.press("Escape");

  // 2. The address that was used lets nobody else in; a browser without one sees why.
  const other = await openPage(cleanup, browser, address, { expected: /403/ });
  await other.page.getByText("This browser was not let in").waitFor();
  const stranger = await openPage(cleanup, browser, `${origin}/`, { expected: /403/ });
  await stranger.page.getByText("This browser was not let in").waitFor();
  await other.page.goto(await opened.address());
  await other.page.getByRole("tab").waitFor();
  expect([...problems, ...other.problems, ...stranger.problems]).toEqual([]);

  // 3. The same place the next time, so that the browser finds what it keeps: keys and pins.
  opened.process.signal("SIGTERM");
  expect(await opened.process.exited).toMatchObject({ code: 0 });
  const again = await startOpen(cleanup, system.url, opened.config);
  const next = await again.address();
  expect(originOf(next)).toBe(origin);
  await page.goto(next);
  await untilPrompt(page);
  await settle(page);
  const status = page.getByRole("contentinfo", { name: "Status" });
  await expect(status.getByRole("button").textContent()).resolves.toContain("Pinned");
  expect(statSync(join(opened.config, "leapmux/logins.json")).mode & 0o777).toBe(0o600);

  // 4. A second one for the same hub would be another place: refused, with the reason.
  const second = await startOpen(cleanup, system.url, opened.config);
  expect(await second.process.exited).toMatchObject({ code: 1 });
  expect(second.process.stderr()).toMatch(/is already in use[^]*leapmux open .* runs already/);
});

test("a login that is refused: the page says how to log in again, and goes on once that is done", async () => {
  const cleanup = cleanupAfterTest();
  const hub = await startFakeHub(cleanup);
  hub.respond((seen, response) => {
    if (seen.path.endsWith("/GetSystemInfo")) {
      return sendMessage(response, GetSystemInfoResponseSchema, {
        kind: HubKind.HUB,
        version: "9",
      });
    }
    sendError(response, 401, "unauthenticated");
  });
  const opened = await startOpen(cleanup, hub.url, await makeConfig(cleanup, hub.url));
  const { page } = await openPage(cleanup, browser, await opened.address());
  const title = page.getByRole("heading", { name: "This machine is not logged in" });
  await title.waitFor();
  await expect(page.getByLabel("Command").inputValue()).resolves.toBe(`leapmux login ${hub.url}`);

  // What `leapmux login` would leave behind counts from the next request on.
  const other = `lml_${"n".repeat(43)}`;
  const content = { format: 1, hubs: { [hub.url]: { login_token: other, username: "ada" } } };
  writeFileSync(join(opened.config, "leapmux/logins.json"), JSON.stringify(content));
  hub.respond((seen, response) => {
    if (seen.headers.authorization !== `Bearer ${other}`) {
      return sendError(response, 401, "unauthenticated");
    }
    if (seen.path.endsWith("/GetSystemInfo")) {
      return sendMessage(response, GetSystemInfoResponseSchema, {
        kind: HubKind.HUB,
        version: "9",
        userId: "usr_x",
      });
    }
    sendError(response, 503, "unavailable");
  });
  await page.getByRole("button", { name: "Try now" }).click();
  await title.waitFor({ state: "detached" });
});
