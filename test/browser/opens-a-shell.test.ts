/** The first start of `leapmux solo`: nothing has to be done before the first command can be typed. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { startBrowser } from "../harness/browser.ts";
import { cleanupAfterFile, cleanupAfterTest } from "../harness/cleanup.ts";
import { freePort } from "../harness/free-port.ts";
import { setUpHub } from "../harness/known-logins.ts";
import { startLeapmux, untilReady } from "../harness/processes.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { openPage, startSoloAtHome } from "./open-page.ts";
import {
  newTerminal,
  readRows,
  settle,
  typeLine,
  untilPrompt,
  untilRow,
  untilState,
} from "./terminal-in-page.ts";

const shared = cleanupAfterFile();
const browser = await startBrowser(shared);
const solo = await startSoloAtHome(shared);

test("a workspace with a live shell opens by itself, and what is typed runs", async () => {
  const cleanup = cleanupAfterTest();
  const { page, problems } = await openPage(cleanup, browser, solo.url);
  await untilPrompt(page);
  await typeLine(page, 'echo "sum is $((20 + 22))"; pwd');
  await untilRow(page, "sum is 42");
  await untilRow(page, solo.home);
  // The echo of what was typed, once.
  expect((await readRows(page)).filter((row) => row.includes("sum is $(("))).toHaveLength(1);

  const status = page.getByRole("contentinfo", { name: "Status" });
  await expect(status.getByRole("status").textContent()).resolves.toBe("Connected");
  await expect(status.getByRole("button").textContent()).resolves.toContain("Newly pinned");
  await expect(page.getByRole("link", { name: "My workspace" }).count()).resolves.toBe(1);
  await expect(page.getByRole("tab").count()).resolves.toBe(1);

  // The shell ends: told, and Enter starts it anew.
  await typeLine(page, "exit 3");
  await untilState(page, "exited");
  await page.getByText("The shell ended with exit code 3.").waitFor();
  await page.keyboard.press("Enter");
  await untilPrompt(page);
  await settle(page);

  // The last tab closed: the workspace says what to do next.
  await page.keyboard.press("Alt+Shift+W");
  await page.getByText("No terminal is open here").waitFor();
  await page.getByRole("button", { name: "Reopen the last" }).click();
  await untilPrompt(page);
  expect(problems).toEqual([]);
});

test("the address of a tab opens that tab; back and forward go between tabs", async () => {
  const cleanup = cleanupAfterTest();
  const first = await openPage(cleanup, browser, solo.url);
  const { page } = first;
  await untilPrompt(page);
  await typeLine(page, "echo this is the first tab");
  await untilRow(page, "this is the first tab");
  const firstAddress = page.url();
  expect(firstAddress).toMatch(/\/w\/wsp_[\w-]{22}\/t\/tab_[\w-]{22}$/);

  await newTerminal(page);
  await typeLine(page, "echo this is the second tab");
  await untilRow(page, "this is the second tab");
  const secondAddress = page.url();

  await page.goBack();
  await untilRow(page, "this is the first tab");
  expect(page.url()).toBe(firstAddress);
  await page.goForward();
  await untilRow(page, "this is the second tab");
  expect(page.url()).toBe(secondAddress);

  // Another browser with nothing but the address.
  const deep = await openPage(cleanup, browser, firstAddress);
  await untilRow(deep.page, "this is the first tab");
  await settle(deep.page);
  expect(deep.page.url()).toBe(firstAddress);
  await expect(deep.page.getByRole("tab").count()).resolves.toBe(2);
  expect([...first.problems, ...deep.problems]).toEqual([]);
});

test("the address of what does not exist says so and leads on", async () => {
  const cleanup = cleanupAfterTest();
  const address = `${solo.url}/w/wsp_${"A".repeat(22)}`;
  const { page, problems } = await openPage(cleanup, browser, address, {
    expected: /404.*ListTabs/,
  });
  await page.getByText("This workspace does not exist any more").waitFor();
  await page.getByRole("button", { name: "Go to a workspace" }).click();
  await untilState(page, "live");
  expect(problems).toEqual([]);
});

test("draws with WebGL where there is some", async () => {
  const cleanup = cleanupAfterTest();
  const drawing = await startBrowser(cleanup, { webgl: true });
  const { page, problems } = await openPage(cleanup, drawing, solo.url);
  await page.locator('[data-terminal-state="live"]').waitFor();
  const hasWebgl = await page.evaluate(
    () => document.createElement("canvas").getContext("webgl2") !== null,
  );
  await page
    .locator(`[data-terminal-renderer="${hasWebgl ? "webgl" : "dom"}"]`)
    .waitFor({ state: "attached" });
  // What is drawn cannot be read from the document, but a title can.
  await typeLine(page, "printf '\\033]0;drawn-%s\\007' $((40 + 2))");
  await page.getByRole("tab", { name: "drawn-42" }).waitFor();
  expect(problems).toEqual([]);
});

test("a hub without a worker offers to register one", async () => {
  const cleanup = cleanupAfterTest();
  const address = `127.0.0.1:${await freePort()}`;
  const directory = join(await makeTemporaryDirectory(cleanup), "hub");
  const hub = startLeapmux(cleanup, ["hub", "--listen", address, "--data-dir", directory]);
  await untilReady(hub, `http://${address}`);
  await setUpHub(hub, `http://${address}`);
  const { page, problems } = await openPage(cleanup, browser, `http://${address}`);
  await page.getByText("None yet. Register one with +.").waitFor();
  await page.getByRole("main").getByRole("button", { name: "New workspace" }).click();
  await page.getByText("No worker is online").waitFor();
  await page.getByRole("main").getByRole("button", { name: "Register a worker" }).waitFor();
  expect(problems).toEqual([]);
});
