/**
 * 200 MB of output through a terminal whose browser is slow: all of it arrives, in order, and what runs ahead of the
 * browser is the program's to wait with, not the hub's or the worker's to keep.
 */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { startBrowser } from "../harness/browser.ts";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { endMark, numberedLine, printLinesCommand } from "../harness/numbered-lines.ts";
import { checkReceivedLines, type ReceivedLines } from "./check-received-lines.ts";
import { openPage, startSoloAtHome } from "./open-page.ts";
import { readRows, settle, untilInPage, untilPrompt, untilRow } from "./terminal-in-page.ts";

/** Of 100 bytes each. */
const lines = 2_000_000;
const linesWhileSlow = 20_000;
const slowdown = 10;
const mebibyte = 1024 * 1024;
/** While nearly all of the 200 MB is still to be read: a full scrollback, both ends of a channel, garbage. */
const allowedWhileSlow = 144 * mebibyte;
/** At full speed there is more garbage; what grew with the stream would show between its halves. */
const allowedGrowth = 256 * mebibyte;
const allowedTrend = 64 * mebibyte;

test("200 MB arrive whole and in order while hub and worker stay small", async () => {
  const cleanup = cleanupAfterTest();
  const browser = await startBrowser(cleanup);
  const solo = await startSoloAtHome(cleanup);
  const { page, problems } = await openPage(cleanup, browser, solo.url, {
    initScript: checkReceivedLines,
    // Small: this is about bytes, not about pixels.
    viewport: { width: 1100, height: 300 },
  });
  await untilPrompt(page);
  await settle(page);
  const devtools = await page.context().newCDPSession(page);
  const throttle = (rate: number): Promise<unknown> =>
    devtools.send("Emulation.setCPUThrottlingRate", { rate });

  const sizeBefore = (await solo.process.residentBytes()) ?? 0;
  const growth = { firstHalf: 0, secondHalf: 0 };
  /** Measures after every `step` lines. */
  const receive = async (count: number, step: number): Promise<void> => {
    for (let { lines: got } = await readReceived(page); got < count; got += step) {
      const wanted = Math.min(got + step, count);
      await untilInPage(page, `${wanted} lines`, hasReceived, wanted, 60_000);
      const half = wanted <= lines / 2 ? "firstHalf" : "secondHalf";
      const grown = ((await solo.process.residentBytes()) ?? 0) - sizeBefore;
      growth[half] = Math.max(growth[half], grown);
      expect((await readReceived(page)).wrong).toBeUndefined();
    }
  };

  await throttle(slowdown);
  await page.keyboard.type(printLinesCommand(lines));
  await receive(linesWhileSlow, 2_000);
  expect(growth.firstHalf).toBeLessThan(allowedWhileSlow);
  await throttle(1);
  await receive(lines, 50_000);
  await untilRow(page, endMark);

  expect(await readReceived(page)).toEqual({ lines, ended: true });
  expect(Math.max(growth.firstHalf, growth.secondHalf)).toBeLessThan(allowedGrowth);
  expect(growth.secondHalf - growth.firstHalf).toBeLessThan(allowedTrend);
  // And it was drawn: the last lines stand above the prompt.
  await untilPrompt(page);
  const rows = (await readRows(page)).filter((row) => /^\d{9} /.test(row));
  expect(rows.length).toBeGreaterThan(5);
  expect(rows).toEqual(rows.map((_, index) => numberedLine(lines - rows.length + index).trimEnd()));
  await settle(page);
  expect(problems).toEqual([]);
}, 300_000);

/** Also when something is wrong, so that nobody waits for what cannot come. */
function hasReceived(count: number): boolean {
  const { lines, wrong } = Reflect.get(globalThis, "receivedLines") as ReceivedLines;
  return lines >= count || wrong !== undefined;
}

async function readReceived(page: Page): Promise<ReceivedLines> {
  return page.evaluate(() => Reflect.get(globalThis, "receivedLines") as ReceivedLines);
}
