import { Unicode11Addon } from "@xterm/addon-unicode11";
import headless from "@xterm/headless";
import fc from "fast-check";
import { expect, test } from "vitest";
import { countUnfinishedBytes } from "./unfinished-character.ts";
import {
  keptOutputBytes,
  makeTerminalOutput,
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

const sample = Buffer.from(
  "plain\r\n\x1b[1;31mrot – 日本 😀\x1b[0m\x1b]0;title ü\x07\x1b[5;10H\x1b[?1049halt\x1b[2;3Hx\x1b[?1049l\x1bPq#ä\x1b\\end\r\n\x1b(0qqq\x1b(B",
);

function makeOutput(): TerminalOutput {
  return makeTerminalOutput({ epoch: "e", cols: 40, rows: 10, events: silent });
}

function readOn(output: TerminalOutput, from: ViewCursor): Buffer {
  const parts: Uint8Array[] = [];
  for (let cursor = from; ;) {
    const next = output.read(cursor, 7);
    if (next === null) return Buffer.concat(parts);
    if (next === "gone") throw new Error("output is gone");
    cursor = next.cursor;
    if (next.event.case === "output") parts.push(next.event.value.data ?? new Uint8Array(0));
  }
}

async function show(...parts: Uint8Array[]): Promise<string> {
  const terminal = new headless.Terminal({ cols: 40, rows: 10, allowProposedApi: true });
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = "11";
  for (const part of parts) await new Promise<void>((done) => terminal.write(part, done));
  const { active } = terminal.buffer;
  const lines = Array.from({ length: active.length }, (_, y) =>
    active.getLine(y)?.translateToString(false),
  );
  return JSON.stringify([lines, active.cursorX, active.cursorY, active.type]);
}

test("a view that resumes at any byte gets exactly the rest", async () => {
  const output = makeOutput();
  output.append(sample);
  await output.settle();
  for (let at = 0; at <= sample.length; at++) {
    const cursor = output.resume("e", at);
    expect(cursor && readOn(output, cursor).equals(sample.subarray(at))).toBe(true);
  }
  expect(output.resume("other", 0)).toBeNull();
  expect(output.resume("e", sample.length + 1)).toBeNull();
});

test("a snapshot at any byte, with the output after it, shows what the whole output shows", async () => {
  const whole = await show(sample);
  for (let at = 0; at <= sample.length; at++) {
    const output = makeOutput();
    output.append(sample.subarray(0, at));
    await output.settle();
    const snapshot = output.snapshot();
    expect(at - snapshot.cursor.offset).toBe(countUnfinishedBytes(sample.subarray(0, at)));
    output.append(sample.subarray(at));
    const rest = readOn(output, snapshot.cursor);
    expect(await show(snapshot.data, rest), `cut at ${at}`).toBe(whole);
    await output.settle();
    output.dispose();
  }
});

test("however output is cut into reads, nothing is lost and nothing doubled", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 40 }), (parts) => {
      const output = makeOutput();
      let cursor = output.resume("e", 0);
      const taken: Uint8Array[] = [];
      for (const part of parts) {
        output.append(part);
        const next = cursor && output.read(cursor, 1000);
        if (!next || next === "gone") continue;
        cursor = next.cursor;
        if (next.event.case === "output") taken.push(next.event.value.data ?? new Uint8Array(0));
      }
      // What looks like the beginning of a character counts once nothing can follow.
      output.mark({ case: "stateChanged", value: {} });
      if (cursor) taken.push(readOn(output, cursor));
      expect(Buffer.concat(taken).equals(Buffer.concat(parts))).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test("no read ends inside a character, whatever the cuts", () => {
  const text = Buffer.from("–😀é日x".repeat(40_000));
  const output = makeOutput();
  for (let at = 0; at < text.length; at += 4093) output.append(text.subarray(at, at + 4093));
  const parts: string[] = [];
  for (let cursor = output.resume("e", 0); cursor;) {
    const next = output.read(cursor, 60_000);
    if (!next || next === "gone") break;
    cursor = next.cursor;
    if (next.event.case !== "output") continue;
    parts.push(new TextDecoder("utf-8", { fatal: true }).decode(next.event.value.data));
  }
  expect(parts.join("") === text.toString()).toBe(true);
});

test("sizes are told at their place, and a snapshot after one has it", async () => {
  const output = makeOutput();
  output.append(Buffer.from("before"));
  output.resize(20, 5);
  output.append(Buffer.from("after"));
  const start = output.resume("e", 0);
  const cases: unknown[] = [];
  for (let cursor = start; cursor;) {
    const next = output.read(cursor, 100);
    if (!next || next === "gone") break;
    const { event } = next;
    cases.push(event.case === "output" ? Buffer.from(event.value.data ?? []).toString() : event);
    cursor = next.cursor;
  }
  expect(cases).toEqual(["before", { case: "resized", value: { cols: 20, rows: 5 } }, "after"]);

  await output.settle();
  const snapshot = output.snapshot();
  expect([snapshot.cols, snapshot.rows]).toEqual([20, 5]);
  expect(output.read(snapshot.cursor, 100)).toBeNull();
});

test("what nobody can need any more is dropped, and who stands there is told", async () => {
  const output = makeOutput();
  const old = output.resume("e", 0);
  for (let count = 0; count < 50; count++) {
    output.append(Buffer.alloc(100_000, "x\r\n"));
    await output.settle();
  }
  expect(output.resume("e", output.end - keptOutputBytes)).not.toBeNull();
  expect(output.resume("e", output.end - keptOutputBytes - 200_000)).toBeNull();
  expect(old && output.read(old, 100)).toBe("gone");
});
