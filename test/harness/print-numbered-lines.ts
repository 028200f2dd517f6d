/**
 * Runs inside a terminal of a test: `print-numbered-lines.ts COUNT [STOP_AT FILE]` prints COUNT lines
 * between two marks; having printed STOP_AT of them it waits until FILE exists.
 */
import { existsSync, writeSync } from "node:fs";
import { beginMark, endMark, numberedLine } from "./numbered-lines.ts";

const [count = 0, stopAt = -1] = process.argv.slice(2, 4).map(Number);
const file = process.argv[4] ?? "";

writeWhole(`${beginMark}\n`);
for (let from = 0; from < count; from += 1000) {
  if (from === stopAt) while (!existsSync(file)) pause(10);
  let text = "";
  for (let index = from; index < Math.min(from + 1000, count); index += 1) {
    text += numberedLine(index);
  }
  // The terminal's own line discipline adds the carriage return.
  writeWhole(text.replaceAll("\r\n", "\n"));
}
writeWhole(`${endMark}\n`);

function writeWhole(text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
      pause(1);
    }
  }
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
