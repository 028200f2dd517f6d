/** The owner reads in the page what the worker wrote down by itself, the newest first, older ones when asked for. */
import { expect, test } from "vitest";
import { startBrowser } from "../harness/browser.ts";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { openShell } from "../harness/open-shell.ts";
import { connectClient } from "../harness/test-client.ts";
import { findSeriousProblems } from "./check-accessibility.ts";
import { openPage, startSoloAtHome } from "./open-page.ts";
import { untilPrompt } from "./terminal-in-page.ts";

test("terminals and windows of one's own are told, page by page", async () => {
  const cleanup = cleanupAfterTest();
  const browser = await startBrowser(cleanup);
  const solo = await startSoloAtHome(cleanup);
  const client = await connectClient(cleanup, solo.url);
  const opened = await client.openChannel();
  if (!opened.ok) throw new Error("the channel was refused");
  const { terminals } = opened.channel;
  for (let n = 0; n < 12; n += 1) {
    const { terminalId } = await openShell(opened.channel);
    await terminals.closeTerminal({ terminalId });
  }
  const { page, problems } = await openPage(cleanup, browser, solo.url);
  await untilPrompt(page);
  await page.getByRole("button", { name: "More for This machine" }).click();
  await page.getByRole("menuitem", { name: "About this worker…" }).click();
  const section = page.locator("section", {
    has: page.getByRole("heading", { name: "What happened here" }),
  });
  const rows = section.getByRole("listitem");
  await section.getByText("A terminal was started").first().waitFor();
  expect(await rows.count()).toBe(20);
  expect(await section.getByText("The worker started").count()).toBe(0);
  await section.getByRole("button", { name: "Show older ones" }).click();
  await section.getByText("The worker started").waitFor();
  expect(await rows.count()).toBeGreaterThan(24);
  expect(await section.getByRole("button", { name: "Show older ones" }).count()).toBe(0);
  expect(await findSeriousProblems(page)).toEqual([]);
  expect(problems).toEqual([]);
});
