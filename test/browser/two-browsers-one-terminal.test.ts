/** Two browsers on one terminal see the same and may both type; the one that acts decides the size. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { startBrowser } from "../harness/browser.ts";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { openPage, startSoloAtHome } from "./open-page.ts";
import {
  newTerminal,
  readRows,
  settle,
  typeLine,
  untilPrompt,
  untilRow,
} from "./terminal-in-page.ts";

test("both see what either types, at the size of the one that typed last", async () => {
  const cleanup = cleanupAfterTest();
  const browser = await startBrowser(cleanup);
  const solo = await startSoloAtHome(cleanup);
  const large = await openPage(cleanup, browser, solo.url);
  await untilPrompt(large.page);
  await typeLine(large.page, "echo before the other came");
  await untilRow(large.page, "before the other came");

  const largeSize = await readSize(large.page);
  const small = await openPage(cleanup, browser, large.page.url(), {
    viewport: { width: 900, height: 500 },
  });
  await untilRow(small.page, "before the other came");
  await untilPrompt(small.page);
  // Who opens it in front of himself gets it in his size before he types.
  await expect.poll(() => readSize(large.page)).not.toBe(largeSize);

  await typeLine(small.page, "echo typed in the $((1 + 1))nd");
  await untilRow(large.page, "typed in the 2nd");
  await typeLine(large.page, "echo typed in the $((0 + 1))st");
  await untilRow(small.page, "typed in the 1st");

  // Whoever types last decides the size, and both agree on it.
  const sizes: string[] = [];
  for (const { page } of [small, large]) {
    await settle(page);
    await typeLine(page, "stty size");
    // What the page says and what the program was told come by different ways.
    await expect.poll(async () => (await readAnswer(page)) === (await readSize(page))).toBe(true);
    const size = await readSize(page);
    await untilRow(large.page, size);
    await untilRow(small.page, size);
    sizes.push(size);
  }
  expect(new Set(sizes).size).toBe(2);

  await settle(large.page);
  const shown = (await readRows(large.page)).filter((row) => row !== "");
  await expect
    .poll(async () => (await readRows(small.page)).filter((row) => row !== ""), { timeout: 10_000 })
    .toEqual(shown);
  expect(shown.filter((row) => row.startsWith("typed in the"))).toEqual([
    "typed in the 2nd",
    "typed in the 1st",
  ]);

  // A tab that one opens the other gets, with its title; one that it closes goes away there, too.
  await newTerminal(large.page);
  await typeLine(large.page, "printf '\\033]0;shared-%s\\007' name");
  await small.page.getByRole("tab", { name: "shared-name" }).click();
  await untilPrompt(small.page);
  await settle(small.page);
  await large.page.keyboard.press("Alt+Shift+W");
  await small.page.getByRole("tab", { name: "shared-name" }).waitFor({ state: "detached" });

  // One leaves: the other goes on.
  await large.page.close();
  await untilPrompt(small.page);
  await settle(small.page);
  expect([...large.problems, ...small.problems]).toEqual([]);
});

/** The row below the last `stty size`. */
async function readAnswer(page: Page): Promise<string | undefined> {
  const rows = await readRows(page);
  return rows[rows.findLastIndex((row) => row.endsWith("stty size")) + 1];
}

/** As `stty size` says it. */
async function readSize(page: Page): Promise<string> {
  const text = await page.getByText(/^\d+ × \d+$/).textContent();
  const [, columns, rows] = /(\d+) × (\d+)/.exec(text ?? "") ?? [];
  return `${rows} ${columns}`;
}
