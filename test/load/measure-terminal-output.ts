/**
 * `terminal_output`: a flood of lines from a program to the screen of a real browser, beside the same
 * program on a PTY that somebody merely reads.
 */
import { spawn } from "@lydell/node-pty";
import { makeCleanup } from "../harness/cleanup.ts";
import { newReadablePage, startSolo, untilShown } from "./open-page.ts";
import { elapsedMs, mibPerSecond, round } from "./summarise.ts";

const line = "the quick brown fox jumps over the lazy dog 0123456789";
const lines = 1_000_000;
/** The PTY turns each line feed into two bytes. */
const bytes = lines * (line.length + 2);
const flood = `yes '${line}' | head -n ${lines}`;

export async function measureTerminalOutput(): Promise<Record<string, Record<string, number>>> {
  const cleanup = makeCleanup();
  try {
    const url = await startSolo(cleanup);
    const page = await newReadablePage(cleanup);
    await page.goto(url);
    await page.waitForFunction(() =>
      /[$#%>]/.test(document.querySelector(".xterm-rows")?.textContent ?? ""),
    );
    await page.keyboard.type(`echo rea''dy\n`);
    await untilShown(page, "ready");
    const startMs = performance.now();
    await page.keyboard.type(`${flood}; echo do''ne\n`);
    await untilShown(page, "done");
    const browserMs = elapsedMs(startMs);
    const aloneMs = await readAlone();
    return {
      terminal_output: {
        mib_s: round(mibPerSecond(bytes, browserMs)),
        pty_alone_mib_s: round(mibPerSecond(bytes, aloneMs)),
      },
    };
  } finally {
    await cleanup.run();
  }
}

function readAlone(): Promise<number> {
  return new Promise((resolve) => {
    const startMs = performance.now();
    const pty = spawn("/bin/sh", ["-c", flood], { encoding: null });
    pty.onData(() => undefined);
    pty.onExit(() => resolve(elapsedMs(startMs)));
  });
}
