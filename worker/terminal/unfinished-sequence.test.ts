import headless from "@xterm/headless";
import { expect, test } from "vitest";
import { keptOutputBytes } from "./terminal-output.ts";
import { makeOutput, readOn, show, takeSnapshot } from "./test-output.ts";
import { readUnfinishedSequence } from "./unfinished-sequence.ts";
import { readInternals } from "./xterm-internals.ts";

/** One sequence that ends in each of the parser's states. */
const begun = [
  "text",
  "\x1b",
  "\x1b(",
  "\x1b[",
  "\x1b[1;2",
  "\x1b[1 ",
  "\x1b[1<",
  "\x1b_x",
  "\x1b]0;x",
  "\x1bP",
  "\x1bP1",
  "\x1bP1<",
  "\x1bP1$",
  "\x1bP1$q",
];

async function parse(data: Uint8Array | string): Promise<number> {
  const terminal = new headless.Terminal({ allowProposedApi: true });
  await new Promise<void>((done) => terminal.write(data, done));
  return readInternals(terminal).parserState();
}

test.each([...begun.entries()])("state %i is where its beginning leads", async (state, text) => {
  expect(await parse(text)).toBe(state);
  if (state === 0) return;
  expect(await parse(readUnfinishedSequence(state, Buffer.from(`before\x1b[m${text}`)))).toBe(
    state,
  );
});

test.each([...begun.entries()])("state %i has a family that is found without it", async (state) => {
  const substitute = readUnfinishedSequence(state, Buffer.from("nothing of it is left"));
  // Escape; CSI; SOS, PM and APC; OSC; DCS.
  const family = [0, 1, 1, 3, 3, 3, 3, 7, 8, 9, 9, 9, 9, 9];
  expect(family[await parse(substitute)]).toBe(family[state]);
});

test("controls that acted already are left out, those of a string are kept", () => {
  const read = (state: number, text: string): string =>
    Buffer.from(readUnfinishedSequence(state, Buffer.from(text))).toString();
  expect(read(4, "\x1b[1\n;\x07\x7f2")).toBe("\x1b[1;\x7f2");
  expect(read(13, "\x1bPq\n\x07")).toBe("\x1bPq\n\x07");
});

test("the last introducer counts, in seven bits or in eight", () => {
  for (const code of [0x90, 0x98, 0x9b, 0x9d, 0x9e, 0x9f]) {
    const sequence = `${String.fromCodePoint(code)}1`;
    const found = readUnfinishedSequence(8, Buffer.from(`\x1b]0;x${sequence}`));
    expect(Buffer.from(found).toString()).toBe(sequence);
  }
  const found = readUnfinishedSequence(3, Buffer.from("\u009b1\x1b["));
  expect(Buffer.from(found).toString()).toBe("\x1b[");
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
  const last = text.slice(Math.max(text.lastIndexOf("\x1b"), text.lastIndexOf("\u009b")));
  expect(data.subarray(screen.length).toString()).toBe(last);
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
