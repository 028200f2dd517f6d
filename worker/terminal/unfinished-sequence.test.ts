import headless from "@xterm/headless";
import { expect, test } from "vitest";
import { readUnfinishedSequence } from "./unfinished-sequence.ts";
import { readInternals } from "./xterm-internals.ts";

/** One sequence that ends in each of the parser's states. */
const sequences = [
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

test.each([...sequences.entries()])(
  "state %i is where its beginning leads",
  async (state, text) => {
    expect(await parse(text)).toBe(state);
    if (state === 0) return;
    expect(await parse(readUnfinishedSequence(state, Buffer.from(`before\x1b[m${text}`)))).toBe(
      state,
    );
  },
);

test.each([...sequences.entries()])(
  "state %i has a family that is found without it",
  async (state) => {
    const substitute = readUnfinishedSequence(state, Buffer.from("nothing of it is left"));
    // Escape; CSI; SOS, PM and APC; OSC; DCS.
    const family = [0, 1, 1, 3, 3, 3, 3, 7, 8, 9, 9, 9, 9, 9];
    expect(family[await parse(substitute)]).toBe(family[state]);
  },
);

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
