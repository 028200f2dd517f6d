/** For tests: the output of a terminal of 40 × 10 without a shell, and what a view makes of it. */
import { Unicode11Addon } from "@xterm/addon-unicode11";
import headless from "@xterm/headless";
import { encodeScreen } from "./encode-screen.ts";
import type { NextTurn } from "./take-turns.ts";
import {
  makeTerminalOutput,
  type ScreenSnapshot,
  type TerminalOutput,
  type ViewCursor,
} from "./terminal-output.ts";

const silent = {
  reply: () => undefined,
  titleChanged: () => undefined,
  bell: () => undefined,
  directoryTold: () => undefined,
  colourAsked: () => null,
  parsed: () => undefined,
};

export function makeOutput(nextTurn: NextTurn = () => Promise.resolve()): TerminalOutput {
  return makeTerminalOutput({ epoch: "e", cols: 40, rows: 10, events: silent, nextTurn });
}

export async function takeSnapshot(output: TerminalOutput): Promise<ScreenSnapshot> {
  const snapshot = await output.snapshot();
  if (!snapshot) throw new Error("the screen is gone");
  return snapshot;
}

export function readOn(output: TerminalOutput, from: ViewCursor): Buffer {
  const parts: Uint8Array[] = [];
  for (let cursor = from; ;) {
    const next = output.read(cursor, 7);
    if (next === null) return Buffer.concat(parts);
    if (next === "gone") throw new Error("output is gone");
    cursor = next.cursor;
    if (next.event.case === "output") parts.push(next.event.value.data ?? new Uint8Array(0));
  }
}

/** Everything that a terminal shows that was given these. */
export async function show(...parts: Uint8Array[]): Promise<string> {
  const terminal = new headless.Terminal({
    cols: 40,
    rows: 10,
    allowProposedApi: true,
    logLevel: "off",
  });
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = "11";
  for (const part of parts) await new Promise<void>((done) => terminal.write(part, done));
  const { active } = terminal.buffer;
  const lines = Array.from({ length: active.length }, (_, y) =>
    active.getLine(y)?.translateToString(false),
  );
  const looks = [...encodeScreen(terminal)].join("");
  return JSON.stringify([lines, active.cursorX, active.cursorY, active.type, looks]);
}
