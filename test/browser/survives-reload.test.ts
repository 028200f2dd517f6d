/** A reload shows exactly what was there: full-screen programs with their modes, and the whole scrollback. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { startBrowser } from "../harness/browser.ts";
import { cleanupAfterFile, cleanupAfterTest } from "../harness/cleanup.ts";
import { endMark, numberedLine, printLinesCommand } from "../harness/numbered-lines.ts";
import { openPage, startSoloAtHome } from "./open-page.ts";
import {
  readRows,
  readScrollback,
  settle,
  typeLine,
  untilPrompt,
  untilRow,
  untilShown,
  untilState,
} from "./terminal-in-page.ts";

const shared = cleanupAfterFile();
const browser = await startBrowser(shared);
const program = fileURLToPath(new URL("draw-full-screen.ts", import.meta.url));

test("a full-screen program is on the screen again, with its colours, cursor and modes", async () => {
  const cleanup = cleanupAfterTest();
  const solo = await startSoloAtHome(cleanup);
  const { page, problems } = await openPage(cleanup, browser, solo.url);
  await untilPrompt(page);
  await typeLine(page, "i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo before $i; done");
  await untilRow(page, "before 300");
  await typeLine(page, `${process.execPath} ${program}`);
  await untilShown(page, "the cursor stands here:");
  const before = await readDrawing(page);
  expect(before.join("\n")).toContain("xterm-cursor");

  await page.reload();
  await untilShown(page, "the cursor stands here:");
  await untilState(page, "live");
  await expect.poll(() => readDrawing(page), { timeout: 10_000 }).toEqual(before);

  // The modes still hold, seen by what the program is sent: cursor key, paste, click.
  await page.keyboard.press("ArrowUp");
  await untilRow(page, "got 1b4f41");
  await paste(page, "two\nlines");
  await untilRow(page, `got ${hex("\x1b[200~two\rlines\x1b[201~")}`);
  await clickCell(page, 10, 4);
  await untilShown(page, hex("\x1b[<0;10;4m"));

  // What was below the program is all there once it ends.
  await page.keyboard.press("q");
  await untilPrompt(page);
  const lines = await readScrollback(page);
  const wanted = Array.from({ length: 300 }, (_, index) => `before ${index + 1}`);
  expect(lines.filter((line) => line.startsWith("before "))).toEqual(wanted);
  expect(problems).toEqual([]);
});

test("a reload in the middle of output loses and doubles no line of the scrollback", async () => {
  const cleanup = cleanupAfterTest();
  const solo = await startSoloAtHome(cleanup);
  const { page, problems } = await openPage(cleanup, browser, solo.url);
  await untilPrompt(page);
  const goOn = join(solo.home, "go-on");
  await page.keyboard.type(printLinesCommand(3000, { stopAt: 2000, file: goOn }));
  await untilRow(page, numberedLine(1999).trimEnd());
  await page.reload({ waitUntil: "commit" });
  await writeFile(goOn, "");
  await untilRow(page, endMark);
  await untilPrompt(page);
  const lines = await readScrollback(page);
  expect(lines.filter((line) => /^\d{9} /.test(line))).toEqual(
    Array.from({ length: 3000 }, (_, index) => numberedLine(index).trimEnd()),
  );
  await settle(page);
  expect(await readRows(page)).toContain(endMark);
  expect(problems).toEqual([]);
});

/** Each row with its spans: text, colours, cursor. */
async function readDrawing(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll(".xterm-rows > div")].map((row) => row.innerHTML),
  );
}

/** As the browser's own paste command does. */
async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate((content) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", content);
    document.activeElement?.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }),
    );
  }, text);
}

async function clickCell(page: Page, column: number, row: number): Promise<void> {
  const box = await page.locator(".xterm-screen").boundingBox();
  const rows = await page.locator(".xterm-rows > div").count();
  const columns = Number(
    /(\d+) ×/.exec((await page.getByText(/^\d+ × \d+$/).textContent()) ?? "")?.[1],
  );
  if (!box) throw new Error("no screen");
  await page.mouse.click(
    box.x + ((column - 0.5) * box.width) / columns,
    box.y + ((row - 0.5) * box.height) / rows,
  );
}

function hex(text: string): string {
  return Buffer.from(text).toString("hex");
}
