/**
 * A second browser at a worker that trusts devices only: refused, approved by comparing words, confirmed the other way,
 * revoked while its terminal is open, and back with a new key by the worker's console.
 */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { startBrowser } from "../harness/browser.ts";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { findSeriousProblems } from "./check-accessibility.ts";
import { openRegisterDialog, readWords, startHubForWorkers } from "./hub-with-workers.ts";
import { openPage, phone } from "./open-page.ts";
import { untilPrompt } from "./terminal-in-page.ts";

test("a second browser asks, is approved by its words, opens the terminal by itself, and is revoked", async () => {
  const cleanup = cleanupAfterTest();
  const browser = await startBrowser(cleanup);
  const hub = await startHubForWorkers(cleanup);
  const first = await openPage(cleanup, browser, hub.url);
  await openRegisterDialog(first.page);
  await hub.runShownCommand(first.page, "bench-1");
  await first.page.getByText("bench-1 is verified").waitFor();
  expect(await hasFocusInside(first.page)).toBe(true);
  await first.page.getByRole("button", { name: "Done" }).click();
  await first.page.getByRole("main").getByRole("button", { name: "New workspace" }).click();
  await untilPrompt(first.page);

  // 1. Refused, with the two ways in.
  const second = await openPage(cleanup, browser, first.page.url(), { viewport: phone });
  await second.page.getByText("does not know this browser").waitFor();
  const words = await readWords(second.page, "This browser");
  await second.page.getByText(`leapmux worker devices approve ${words}`).waitFor();
  expect(await findSeriousProblems(second.page)).toEqual([]);
  await second.page.getByRole("button", { name: "Ask another device" }).click();

  // 2. The request appears by itself; nothing is signed before the words were compared.
  await first.page.getByRole("button", { name: "Compare words" }).click();
  expect(await readWords(first.page, "New device")).toBe(words);
  const trust = first.page.getByRole("button", { name: "Trust the device" });
  expect(await trust.isDisabled()).toBe(true);
  await first.page.getByText("The new device shows exactly these words").click();
  expect(await findSeriousProblems(first.page)).toEqual([]);
  await trust.click();
  await untilPrompt(second.page);

  // 3. The other way: the new one asks who vouched for it.
  await second.page.getByRole("button", { name: "Compare words" }).click();
  const approver = await readWords(second.page, "Approving device");
  await second.page.getByRole("button", { name: "It shows these words" }).click();
  await second.page.getByText("Approved by this browser").waitFor();
  expect(await hasFocusInside(second.page)).toBe(true);
  expect(await findSeriousProblems(second.page)).toEqual([]);
  await second.page.getByRole("button", { name: "Done" }).click();

  // 4. Revoked: its terminal closes, and it says why.
  await first.page.getByRole("button", { name: "Devices", exact: true }).click();
  expect(await readWords(first.page, "This browser")).toBe(approver);
  await first.page.getByRole("button", { name: `Revoke ${words.replaceAll("-", " ")}` }).click();
  await first.page.getByRole("button", { name: "Revoke this device" }).click();
  await second.page.getByText("keeps this browser out").waitFor();
  await second.page.getByRole("button", { name: "Make a new key for this browser" }).click();
  await second.page.getByText("does not know this browser").waitFor();
  const newWords = await readWords(second.page, "This browser");
  expect(newWords).not.toBe(words);
  expect(await second.page.getByText("This browser was approved").count()).toBe(0);

  // 5. The new key has asked the worker by itself, so that its console can approve it: nobody has to press
  //    anything, and the words outlive a reload.
  const listed = () => hub.atConsole("bench-1", "devices", "list");
  await expect.poll(listed, { timeout: 30_000 }).toContain(newWords);
  await second.page.reload();
  expect(await readWords(second.page, "This browser")).toBe(newWords);
  await hub.atConsole("bench-1", "devices", "approve", newWords);
  await untilPrompt(second.page);

  expect(first.problems).toEqual([]);
  expect(second.problems).toEqual([]);
}, 180_000);

/** What had the focus in the dialog is gone with its step. */
function hasFocusInside(page: Page): Promise<boolean> {
  return page.evaluate(() => document.activeElement?.closest('[role="dialog"]') !== null);
}
