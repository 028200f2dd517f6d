import { spawnSync } from "node:child_process";
import { fstatSync } from "node:fs";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { isatty, ReadStream } from "node:tty";
import type { TerminalSize } from "@leapmux/shared/terminal/attachment.ts";

/**
 * The terminal, or the pipes, that the command was started in. In raw mode everything that is typed goes
 * through and everything that comes is drawn as it is; on every way out of the process but SIGKILL the
 * mode is put back, and with it what programs on the worker have switched on.
 */
export interface LocalTerminal {
  /** Somebody types. */
  readonly isInputTerminal: boolean;
  /** Output is drawn, and not kept in a file or read by a program. */
  readonly isOutputTerminal: boolean;
  size(): TerminalSize;
  onResize(resized: (size: TerminalSize) => void): void;
  /** Where there is a terminal; else nothing is read. */
  startRaw(onInput: (bytes: Uint8Array) => void, isAlternate: () => boolean): void;
  /** Nothing is read until `resumeInput`: what is typed waits in the system. */
  pauseInput(): void;
  resumeInput(): void;
  /** Resolves when the system took it: whoever does not read makes us wait, and nothing else. */
  write(bytes: Uint8Array): Promise<void>;
  /** A line of our own, on stderr, whatever the mode. */
  notice(text: string): void;
  restore(): void;
}

const defaultSize: TerminalSize = { cols: 80, rows: 24 };
const mostCells = 1000;

export function openLocalTerminal(): LocalTerminal {
  const { stdin, stdout, stderr } = process;
  const isInputTerminal = isatty(0);
  const isOutputTerminal = isatty(1);
  const sink = openOutput();
  // Whoever wrote is told; without a listener it would end the process before the terminal is put back.
  sink.on("error", () => undefined);
  let isRaw = false;
  let isAlternate = () => false;

  function size(): TerminalSize {
    if (!isOutputTerminal || !stdout.columns || !stdout.rows) return defaultSize;
    const clamp = (cells: number): number => Math.min(Math.max(cells, 1), mostCells);
    return { cols: clamp(stdout.columns), rows: clamp(stdout.rows) };
  }

  function restore(): void {
    if (!isRaw) return;
    isRaw = false;
    process.off("exit", restore);
    if (isOutputTerminal) stdout.write(encodeRestore(isAlternate()));
    stdin.setRawMode(false);
    stdin.pause();
  }

  return {
    isInputTerminal,
    isOutputTerminal,
    size,
    onResize: (resized) => void stdout.on("resize", () => resized(size())),
    startRaw(onInput, isAlternateNow) {
      if (!isInputTerminal) return;
      isAlternate = isAlternateNow;
      isRaw = true;
      process.on("exit", restore);
      stdin.setRawMode(true);
      // Node leaves the system to make CR LF of LF, which moves the cursor of full-screen programs.
      spawnSync("stty", ["-opost"], { stdio: ["inherit", "ignore", "ignore"] });
      stdin.on("data", onInput);
      stdin.resume();
    },
    pauseInput: () => void (isRaw && stdin.pause()),
    resumeInput: () => void (isRaw && stdin.resume()),
    write: (bytes) =>
      new Promise((resolve, reject) => {
        sink.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    notice(text) {
      stderr.write(isRaw ? `\r\n${text}\r\n` : `${text}\n`);
    },
    restore,
  };
}

/**
 * Node writes to terminals and pipes in the thread that calls, so a reader that stops would stop us as a
 * whole, and the hub would think that we are gone. These ways to the same file wait in the event loop.
 */
function openOutput(): Writable {
  if (isatty(1)) return new ReadStream(1);
  const kind = fstatSync(1);
  if (kind.isFIFO() || kind.isSocket())
    return new Socket({ fd: 1, readable: false, writable: true });
  return process.stdout;
}

/** As the worker does between two programs of one terminal; leaving a screen that is not on would move the cursor. */
function encodeRestore(isAlternate: boolean): string {
  const modes = [1, 9, 1000, 1002, 1003, 1004, 1006, 1016, 2004, 2026].map(
    (mode) => `\u001b[?${mode}l`,
  );
  return `${isAlternate ? "\u001b[?1049l" : ""}\u001b[!p${modes.join("")}\u001b[20l\u001b>\u001b[>4m\u001b[0 q\u001b[?25h\u001b[0m`;
}
