/** ESC, and what begins a sequence by itself: DCS, SOS, CSI, OSC, PM and APC (ECMA-48 §5.3), in UTF-8. */
const introducers = [
  Buffer.of(0x1b),
  ...[0x90, 0x98, 0x9b, 0x9d, 0x9e, 0x9f].map((control) => Buffer.of(0xc2, control)),
];

/** States of xterm's parser, by its numbers: in the first of these, controls act at once. */
const state = { escape: 1, csiIgnore: 6 };

/**
 * What leads from the ground to each state, for sequences that began too long ago, so that their rest is not
 * taken for text. What is lost of them is not made up: they do nothing. Only strings get as long, a picture or
 * something for the clipboard.
 */
const substitutes = [
  "",
  // Escape, and with intermediates that nothing has.
  "\x1b",
  "\x1b!!",
  // CSI; with parameters, one that has `<` too late is ignored to its end.
  "\x1b[",
  "\x1b[0<",
  "\x1b[0<",
  "\x1b[0<",
  // SOS, PM and APC.
  "\x1bX",
  // OSC: its number is none.
  "\x1b]x",
  // DCS; with parameters as above.
  "\x1bP",
  "\x1bP0<",
  "\x1bP0<",
  "\x1bP0<",
  "\x1bP0<",
].map((text) => Buffer.from(text));

/**
 * The beginning of the escape sequence that the parser stands in, for a parser that stands on the ground: it
 * then takes the rest of it as the other one does. `recent` is the output until here.
 */
export function readUnfinishedSequence(parserState: number, recent: Buffer): Uint8Array {
  // Any introducer begins anew, whatever was unfinished before it: the last one is ours.
  const at = Math.max(...introducers.map((introducer) => recent.lastIndexOf(introducer)));
  if (at === -1) return substitutes[parserState] ?? Buffer.alloc(0);
  const sequence = recent.subarray(at);
  const hasActed = parserState >= state.escape && parserState <= state.csiIgnore;
  return hasActed ? sequence.filter((byte) => byte >= 0x20 || byte === 0x1b) : sequence;
}
