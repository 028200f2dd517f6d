/** A terminal whose tab was lost goes on, is shown where one can find it, and ends only when somebody says so. */
import { expect, test } from "vitest";
import { startBrowser } from "../harness/browser.ts";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { connectClient } from "../harness/test-client.ts";
import { until } from "../harness/until.ts";
import { openPage, startSoloAtHome } from "./open-page.ts";
import { newTerminal, typeLine, untilPrompt, untilRow } from "./terminal-in-page.ts";

test("a lost terminal becomes a tab again, and another one is ended after a question", async () => {
  const cleanup = cleanupAfterTest();
  const browser = await startBrowser(cleanup);
  const solo = await startSoloAtHome(cleanup);
  const { page, problems } = await openPage(cleanup, browser, solo.url);
  const client = await connectClient(cleanup, solo.url);
  await untilPrompt(page);
  await newTerminal(page);
  await typeLine(page, "echo $((40 + 2)) is still here");
  await untilRow(page, "42 is still here");
  const lost = page.url();
  const tabId = lost.slice(lost.lastIndexOf("/") + 1);

  // As when the hub lost it: the worker is told nothing.
  const lose = async (): Promise<void> => {
    await client.workspaces.deleteTab({ tabId });
    await until(async () => (await page.getByRole("tab").count()) === 1, "the tab to go");
  };
  const find = async (): Promise<void> => {
    await page.getByRole("button", { name: "More for This machine" }).click();
    await page.getByRole("menuitem", { name: "Terminals without a tab (1)…" }).click();
  };
  await lose();
  await find();
  await page.getByRole("button", { name: /^Open .* as a tab$/ }).click();
  await page.waitForURL(lost);
  await untilRow(page, "42 is still here");

  await typeLine(page, "cat");
  await lose();
  await find();
  const dialog = page.getByRole("dialog", { name: "Terminals without a tab" });
  await dialog.getByRole("button", { name: /^End / }).click();
  await dialog.getByText("cat still runs in it.").waitFor();
  await expect(
    dialog.getByRole("button", { name: "Cancel" }).evaluate((e) => e === document.activeElement),
  ).resolves.toBe(true);
  await dialog.getByRole("button", { name: /^End .* with what runs in it$/ }).click();
  await dialog.getByText("Every terminal on “This machine” has a tab.").waitFor();
  const { terminals } = await client.channel();
  await until(
    () =>
      terminals.getTerminal({ terminalId: tabId }).then(
        () => false,
        () => true,
      ),
    "the terminal to end",
  );
  expect(problems).toEqual([]);
});
