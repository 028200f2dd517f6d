import { Unicode11Addon } from "@xterm/addon-unicode11";
import headless from "@xterm/headless";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeScreen } from "./encode-screen.ts";
import { makeTurns, type NextTurn } from "./take-turns.ts";
import { makeGate } from "./test-gate.ts";
import { countUnfinishedBytes } from "./unfinished-character.ts";
import {
  keptOutputBytes,
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

const sample = Buffer.from(
  "plain\r\n\x1b[1;31mrot – 日本 😀\x1b[0m\x1b]0;title ü\x07\x1b[5;10H\x1b[?1049halt\x1b[2;3Hx\x1b[?1049l\x1bPq#ä\x1b\\end\r\n\x1b(0qqq\x1b(B",
);

function makeOutput(nextTurn: NextTurn = () => Promise.resolve()): TerminalOutput {
  return makeTerminalOutput({ epoch: "e", cols: 40, rows: 10, events: silent, nextTurn });
}

async function takeSnapshot(output: TerminalOutput): Promise<ScreenSnapshot> {
  const snapshot = await output.snapshot();
  if (!snapshot) throw new Error("the screen is gone");
  return snapshot;
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
    const snapshot = await takeSnapshot(output);
    expect(at - snapshot.cursor.offset).toBe(countUnfinishedBytes(sample.subarray(0, at)));
    output.append(sample.subarray(at));
    const rest = readOn(output, snapshot.cursor);
    expect(await show(snapshot.data, rest), `cut at ${at}`).toBe(whole);
    await output.settle();
    output.dispose();
  }
});

/** Everything that begins, changes and ends a sequence, and text that must not be taken for a part of one. */
const sequences = Buffer.from(
  [
    "\x1b[mhello \u009b3Ab\u009b1;4H",
    // Controls act at once within a sequence, in a string they do not.
    "c\x1b[1\n;3\x08\n1m\x07d\x1b\n(0qq\x1b(B\x1bPq\n#1\u009ce\x1b[\x1b[2\u009b4\u009b32mf",
    "\u009d0;title\x07g\u009d2;title\u009ch\u0090$qm\u009ci\u0098sos\u009cj\u009epm\u009ck\u009fapc\x1b\\l",
    "\x1b]8;;http://a/\u009b7\x1b\\m\x1b]8;;\x07n\x1b[1;\u0085o\x1b[3é p\u0084\x1b[>\x1b[?1;<2mq\x1b[1 <r\x18s\x1b#8",
  ].join("\r\n"),
);

test("a snapshot within any sequence, with the output after it, shows what the whole output shows", async () => {
  const whole = await show(sequences);
  for (let at = 0; at <= sequences.length; at++) {
    const output = makeOutput();
    output.append(sequences.subarray(0, at));
    const { data, cursor } = await takeSnapshot(output);
    output.append(sequences.subarray(at));
    expect(await show(data, readOn(output, cursor)), `cut at ${at}`).toBe(whole);
    output.dispose();
  }
});

test.each([
  ["CSI", "\u009b3"],
  ["CSI with text before it", "\x1b[mhello \u009b3"],
  ["ESC within OSC", "\x1b]0;a\x1b"],
])("a snapshot after %s ends with it and doubles nothing", async (_name, text) => {
  const output = makeOutput();
  output.append(Buffer.from(text));
  const { data, screen } = await takeSnapshot(output);
  const begun = text.slice(Math.max(text.lastIndexOf("\x1b"), text.lastIndexOf("\u009b")));
  expect(data.subarray(screen.length).toString()).toBe(begun);
  expect(await show(data)).toBe(await show(Buffer.from(text)));
});

test.each([
  ["OSC", "\x1b]52;c;", "aGVs", "\x07"],
  ["8-bit OSC", "\u009d52;c;", "0;no", "\u009c"],
  ["DCS", "\x1bPq", "~~@@", "\x1b\\"],
  ["DCS in its parameters", "\x1bP", "1;1;", "q~~\u009c"],
  ["APC", "\x1b_G", "data", "\x1b\\"],
  ["CSI", "\x1b[", "\0\0\0\0", "3B"],
  ["CSI in its parameters", "\x1b[3", "\0\0\0\0", "~"],
  ["CSI that is ignored", "\x1b[1<", "1111", "m"],
  ["ESC", "\x1b", "\0\0\0\0", "D"],
  ["ESC with an intermediate", "\x1b(", "\0\0\0\0", "B"],
])("the rest of a long %s is not shown as text", async (_name, begin, data, end) => {
  const output = makeOutput();
  const before = Buffer.from(`one\r\ntwo${begin}`);
  const long = Buffer.from(data.repeat(keptOutputBytes / 2 / data.length));
  output.append(before);
  for (let count = 0; count < 3; count++) {
    output.append(long);
    await output.settle();
  }
  const snapshot = await takeSnapshot(output);
  expect(snapshot.data.length).toBeLessThan(1000);
  const rest = Buffer.from(`${data}${end}three\r\nfour`);
  output.append(rest);
  const shown = await show(snapshot.data, readOn(output, snapshot.cursor));
  expect(shown).toBe(await show(before, rest));
  output.dispose();
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
  const snapshot = await takeSnapshot(output);
  expect([snapshot.cols, snapshot.rows]).toEqual([20, 5]);
  expect(output.read(snapshot.cursor, 100)).toBeNull();
});

function readMarks(output: TerminalOutput, from: ViewCursor | null): (string | number)[] | "gone" {
  const marks: (string | number)[] = [];
  for (let cursor = from; cursor;) {
    const next = output.read(cursor, 100);
    if (!next) break;
    if (next === "gone") return "gone";
    cursor = next.cursor;
    if (next.event.case === "resized") marks.push(next.event.value.cols ?? 0);
    else if (next.event.case !== "output") marks.push(next.event.case ?? "");
  }
  return marks;
}

test("of sizes without output between them the last is told, and what else happened always is", () => {
  const output = makeOutput();
  const start = output.resume("e", 0);
  const told = output.resume("e", 0);
  output.mark({ case: "stateChanged", value: {} });
  output.resize(50, 10);
  const seen = told && output.read(told, 100);
  for (let cols = 100; cols < 400; cols++) output.resize(cols, 10);
  output.append(Buffer.from("x"));
  output.resize(41, 10);
  output.mark({ case: "stateChanged", value: {} });
  output.resize(42, 10);
  output.resize(43, 10);
  const rest = [399, 41, "stateChanged", 43];
  expect(readMarks(output, start)).toEqual(["stateChanged", ...rest]);
  // Who was told a size already is told the last one all the same.
  expect(seen === "gone" || readMarks(output, seen?.cursor ?? null)).toEqual(rest);
  expect(readMarks(output, output.resume("e", 1))).toEqual(rest.slice(1));
});

test("who missed more than is kept starts anew instead of missing some of it", async () => {
  const output = makeOutput();
  const start = output.resume("e", 0);
  output.mark({ case: "stateChanged", value: {} });
  const middle = output.end;
  for (let cols = 100; cols < 400; cols++) {
    output.append(Buffer.from("x"));
    output.resize(cols, 10);
  }
  expect(readMarks(output, start)).toBe("gone");
  expect(output.resume("e", middle)).toBeNull();
  expect(readMarks(output, output.resume("e", output.end - 1))).toEqual([398, 399]);
  const { cursor, cols } = await takeSnapshot(output);
  expect(cols).toBe(399);
  output.resize(40, 10);
  expect(readMarks(output, cursor)).toEqual([40]);
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

test("what comes while a snapshot is taken is told at once, waits for it, and is not on it", async () => {
  const gate = makeGate();
  const output = makeOutput(gate.nextTurn);
  // More than one piece.
  const before = Buffer.from(Array.from({ length: 500 }, (_, y) => `line ${y}\r\n`).join(""));
  output.append(before);
  const live = output.resume("e", output.end);
  const taken = takeSnapshot(output);
  await gate.reached;

  const during = Buffer.from("during \x1b[31m日本\r\nmore");
  output.append(during);
  expect(live && readOn(output, live).equals(during)).toBe(true);
  const whole = await show(before, during);
  // Another screen is through with it, this one has not begun. What paces the PTY counts it.
  expect(output.backlogBytes).toBe(during.length);

  gate.open();
  const snapshot = await taken;
  expect(snapshot.cursor.offset).toBe(before.length);
  expect(await show(snapshot.data)).toBe(await show(before));
  expect(readOn(output, snapshot.cursor).equals(during)).toBe(true);
  await output.settle();
  expect(output.backlogBytes).toBe(0);
  expect(await show((await takeSnapshot(output)).data)).toBe(whole);
});

test("a size that comes while a snapshot is taken is told after it", async () => {
  const gate = makeGate();
  const output = makeOutput(gate.nextTurn);
  output.append(Buffer.from("x".repeat(60)));
  const taken = takeSnapshot(output);
  await gate.reached;
  output.resize(20, 5);
  output.append(Buffer.from("y"));
  // Another screen is through with something that came later: this one waits.
  await show(sample);

  gate.open();
  const { cursor, cols, rows, data } = await taken;
  expect([cols, rows]).toEqual([40, 10]);
  expect(await show(data)).toBe(await show(Buffer.from("x".repeat(60))));
  const next = output.read(cursor, 100);
  expect(next).toMatchObject({ event: { case: "resized", value: { cols: 20, rows: 5 } } });
  const later = await takeSnapshot(output);
  expect([later.cols, later.rows, later.cursor.offset]).toEqual([20, 5, 61]);
});

test("who asks at the same place gets the same snapshot; who asks after more, one that has it", async () => {
  const gate = makeGate();
  const output = makeOutput(gate.nextTurn);
  output.append(Buffer.from("one"));
  const first = [output.snapshot(), output.snapshot()];
  await gate.reached;
  first.push(output.snapshot());
  output.append(Buffer.from("two"));
  const second = [output.snapshot()];
  output.append(Buffer.from("three"));
  second.push(output.snapshot());

  gate.open();
  const [early, late] = [await Promise.all(first), await Promise.all(second)];
  expect(new Set(early).size).toBe(1);
  expect(early[0]?.cursor.offset).toBe(3);
  expect(new Set(late).size).toBe(1);
  expect(late[0]?.cursor.offset).toBe(11);
});

test("there is no snapshot when it all ends in the middle, and nobody waits for ever", async () => {
  const gate = makeGate();
  const output = makeOutput(gate.nextTurn);
  const taken = output.snapshot();
  await gate.reached;
  output.append(Buffer.from("late"));
  output.resize(20, 5);
  const after = output.snapshot();
  const settled = output.settle();
  output.dispose();
  gate.open();
  expect(await taken).toBeNull();
  expect(await after).toBeNull();
  await settled;
});

test("snapshots at any moment of a stream, with what follows each, show what the whole stream shows", async () => {
  const step = fc.oneof(fc.nat({ max: 60 }), fc.constantFrom("snapshot", "turn"));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const nextTurn = makeTurns();
      const output = makeOutput(nextTurn);
      const stream = Buffer.concat(Array.from({ length: 20 }, () => sample));
      let at = 0;
      const asked: Promise<ScreenSnapshot>[] = [];
      for (const what of steps) {
        if (what === "snapshot") asked.push(takeSnapshot(output));
        else if (what === "turn") await nextTurn();
        else {
          output.append(stream.subarray(at, at + what));
          at += what;
        }
      }
      // What looks like the beginning of a character counts once nothing can follow.
      output.mark({ case: "stateChanged", value: {} });
      const whole = await show(stream.subarray(0, at));
      for (const snapshot of await Promise.all(asked))
        expect(await show(snapshot.data, readOn(output, snapshot.cursor))).toBe(whole);
      output.dispose();
    }),
    { numRuns: 40 },
  );
});
