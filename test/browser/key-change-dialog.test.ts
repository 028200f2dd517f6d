/**
 * A worker comes back with another key under the same id, as a hostile hub would present it: the page asks, with the
 * words of both, and a rejection holds for the life of the page (protocol §8).
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { nativePrimitives } from "@leapmux/native/native-primitives.ts";
import { nodeRandom } from "@leapmux/native/node-platform.ts";
import { fingerprint } from "@leapmux/shared/identity/fingerprint.ts";
import { decodeHex } from "@leapmux/shared/identity/hex.ts";
import {
  encodeWorkerSecrets,
  generateWorkerSecrets,
  type StoredWorkerSecrets,
} from "@leapmux/shared/identity/worker-secrets.ts";
import { compositeKeyBytes } from "@leapmux/shared/limits/limits.ts";
import { startBrowser } from "../harness/browser.ts";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { startProcesses } from "../harness/start-processes.ts";
import { findSeriousProblems } from "./check-accessibility.ts";
import { makeHome, openFirstWorkspace, openPage } from "./open-page.ts";
import { settle, untilPrompt, untilRow, untilState } from "./terminal-in-page.ts";

test("a changed key is asked about, stays rejected for the page, and may be accepted after a reload", async () => {
  const cleanup = cleanupAfterTest();
  const browser = await startBrowser(cleanup);
  const { env } = await makeHome(cleanup);
  const processes = await startProcesses(cleanup, { worker: { env } });
  const { page } = await openPage(cleanup, browser, processes.url);
  await openFirstWorkspace(page);
  await untilPrompt(page);
  await settle(page);

  await processes.worker().kill();
  const words = await replaceKey(join(processes.directory, "worker", "state.json"));
  await processes.startWorker();

  const dialog = page.getByRole("alertdialog", { name: "Worker public key changed" });
  await dialog.waitFor();
  await expectWords(dialog, words);
  await expectFocusOnReject(dialog);
  expect(await findSeriousProblems(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await expectRefused(page, dialog);

  // The same worker again, and a person who tries: still refused, and not asked a second time.
  const worker = page.getByRole("navigation").getByRole("listitem").last();
  await processes.worker().kill();
  await worker.getByLabel("Offline").waitFor();
  await processes.startWorker();
  await worker.getByLabel("Refused").waitFor();
  await page.getByRole("button", { name: "New terminal", exact: true }).click();
  await page.getByText("The shell did not start").waitFor();
  await page.getByText("The worker's key changed and was not accepted.").waitFor();
  await expectRefused(page, dialog);
  await page.getByRole("button", { name: "Close the tab" }).click();

  // Enter is the default button.
  await page.reload();
  await dialog.waitFor();
  await expectFocusOnReject(dialog);
  await page.keyboard.press("Enter");
  await expectRefused(page, dialog);

  await page.reload();
  await dialog.waitFor();
  await expectWords(dialog, words);
  await dialog.getByRole("button", { name: "Accept" }).click();
  await dialog.waitFor({ state: "detached" });
  // The shell ended with its worker; its last screen is there.
  await untilState(page, "exited");
  await page.keyboard.press("Enter");
  await untilPrompt(page);
  await settle(page);

  // From now on this is the key that is known.
  await page.reload();
  await untilRow(page, "$");
  await settle(page);
  await page.getByRole("contentinfo").getByText("Pinned").waitFor();
  await expect(dialog.count()).resolves.toBe(0);
}, 180_000);

interface KeyWords {
  readonly expected: readonly string[];
  readonly actual: readonly string[];
}

/** Another identity under the same id and token. */
async function replaceKey(path: string): Promise<KeyWords> {
  const state = JSON.parse(await readFile(path, "utf8")) as { secrets: StoredWorkerSecrets };
  const secrets = encodeWorkerSecrets(generateWorkerSecrets(nativePrimitives, nodeRandom));
  await writeFile(path, JSON.stringify({ ...state, secrets }));
  return {
    expected: await wordsOf(state.secrets.compositePublic),
    actual: await wordsOf(secrets.compositePublic),
  };
}

async function wordsOf(compositePublic: string): Promise<readonly string[]> {
  const bytes = decodeHex(compositePublic, compositeKeyBytes);
  if (!bytes) throw new Error("not a key");
  return (await fingerprint(bytes)).longWords;
}

async function expectWords(dialog: Locator, words: KeyWords): Promise<void> {
  for (const [name, wanted] of [
    ["Expected", words.expected],
    ["Actual", words.actual],
  ] as const) {
    const shown = dialog.getByRole("group", { name: `${name}:` }).locator(".word");
    await expect(shown.allTextContents()).resolves.toEqual(wanted);
  }
}

async function expectFocusOnReject(dialog: Locator): Promise<void> {
  await expect
    .poll(() => dialog.page().evaluate(() => document.activeElement?.textContent))
    .toBe("Reject");
}

async function expectRefused(page: Page, dialog: Locator): Promise<void> {
  await dialog.waitFor({ state: "detached" });
  await page.locator(".banner").getByText("changed and you rejected it").waitFor();
  await page.getByRole("contentinfo").getByText("Refused").waitFor();
}
