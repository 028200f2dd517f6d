import type { Terminal } from "@xterm/headless";
import { encodeAttributes } from "./encode-attributes.ts";
import { encodeCells } from "./encode-cells.ts";
import {
  type Charset,
  type InternalBuffer,
  readInternals,
  type XtermInternals,
} from "./xterm-internals.ts";

/** A piece that does not keep the event loop for long: 100 lines of 80 columns, or 8 of the longest. */
const pieceCells = 8_000;

/**
 * Screen and scrollback as sequences that make the same terminal out of an empty one of this size: cells with
 * all their attributes and links, both screens, cursors (the saved ones too), scroll region, tab stops,
 * character sets and every mode. In pieces, to be joined; the terminal must not change before the last one.
 *
 * Takes 2 to 3 ms per 1,000 lines of 80 columns, 4 where the colour changes 40 times a line and up to 30 where each
 * cell has colours of its own; a piece less than 1 ms, there 3.
 */
export function* encodeScreen(
  terminal: Terminal,
  maxCells = pieceCells,
): Generator<string, void, undefined> {
  const internals = readInternals(terminal);
  const { normal, alt } = internals.buffers;
  const { buffer, cols } = terminal;
  const isAlternate = buffer.active.type === "alternate";
  const active = isAlternate ? alt : normal;

  // 1. Cells of both screens. What is saved there is set while its screen is the active one.
  yield* encodeCells(buffer.normal, cols, internals.findLink, maxCells);
  yield encodeSavedCursor(terminal, normal);
  if (isAlternate) {
    // Where the cursor stays meanwhile. 1047, unlike 1049, leaves the saved one alone.
    const place = encodePlace(normal.y, Math.min(normal.x, cols - 1));
    yield `${encodeRegion(terminal, normal)}${place}\x1b[?1047h\x1b[H`;
    yield* encodeCells(buffer.alternate, cols, internals.findLink, maxCells);
    yield encodeSavedCursor(terminal, alt);
  }

  // 2. What moves the cursor, the cursor, and what is written there next.
  yield encodeTabs(active, cols) + encodeRegion(terminal, active);
  if (terminal.modes.originMode) yield "\x1b[?6h";
  yield encodeCursor(terminal, active) + encodeAttributes(internals.attributes());

  // 3. Modes; those that change how cells are written come last.
  yield encodeModes(terminal, internals) + encodeCharsets(internals);
}

function encodePlace(row: number, column: number): string {
  return `\x1b[${row + 1};${column + 1}H`;
}

function encodeSavedCursor(terminal: Terminal, buffer: InternalBuffer): string {
  const attributes = encodeAttributes(buffer.savedCurAttrData);
  const charset = designate("(", buffer.savedCharset);
  const row = Math.max(buffer.savedY - buffer.ybase, 0);
  if (row === 0 && buffer.savedX === 0 && charset === "" && attributes === "\x1b[0m") return "";
  const place = encodePlace(row, Math.min(buffer.savedX, terminal.cols - 1));
  return `${place}${attributes}${charset}\x1b7\x1b[0m${charset && "\x1b(B"}`;
}

function encodeTabs(buffer: InternalBuffer, cols: number): string {
  const stops = Array.from({ length: cols }, (_, column) => column).filter((at) => buffer.tabs[at]);
  const isUsual =
    stops.every((at, index) => at === 8 * index) && stops.length === Math.ceil(cols / 8);
  if (isUsual) return "";
  return `\x1b[3g${stops.map((at) => `${encodePlace(0, at)}\x1bH`).join("")}`;
}

function encodeRegion(terminal: Terminal, { scrollTop, scrollBottom }: InternalBuffer): string {
  const isWhole = scrollTop === 0 && scrollBottom === terminal.rows - 1;
  return isWhole ? "" : `\x1b[${scrollTop + 1};${scrollBottom + 1}r`;
}

/** Puts the cursor where it is, also beyond the last column, where the next character would wrap. */
function encodeCursor(terminal: Terminal, buffer: InternalBuffer): string {
  const row = buffer.y - (terminal.modes.originMode ? buffer.scrollTop : 0);
  const at = (column: number): string => encodePlace(row, column);
  if (buffer.x < terminal.cols) return at(buffer.x);
  const line = terminal.buffer.active.getLine(buffer.ybase + buffer.y);
  const last = line?.getCell(terminal.cols - 1);
  const cell = last?.getWidth() === 0 ? line?.getCell(terminal.cols - 2) : last;
  if (!cell) return at(terminal.cols - 1);
  const attributes = cell as unknown as Parameters<typeof encodeAttributes>[0];
  const character = cell.getChars() || " ";
  return at(terminal.cols - cell.getWidth()) + encodeAttributes(attributes) + character;
}

function encodeModes(terminal: Terminal, internals: XtermInternals): string {
  const { modes, options } = terminal;
  const { isCursorHidden, decPrivateModes } = internals.core;
  const { activeEncoding } = internals.mouse;
  const mouse = { none: 0, x10: 9, vt200: 1000, drag: 1002, any: 1003 }[modes.mouseTrackingMode];
  const set: [boolean, string][] = [
    [modes.applicationCursorKeysMode, "?1h"],
    [modes.applicationKeypadMode, "?66h"],
    [modes.bracketedPasteMode, "?2004h"],
    [modes.sendFocusMode, "?1004h"],
    [modes.reverseWraparoundMode, "?45h"],
    [modes.synchronizedOutputMode, "?2026h"],
    [mouse !== 0, `?${mouse}h`],
    [activeEncoding === "SGR", "?1006h"],
    [activeEncoding === "SGR_PIXELS", "?1016h"],
    [decPrivateModes.cursorStyle !== undefined, `${cursorStyle(decPrivateModes)} q`],
    [decPrivateModes.cursorStyle === undefined && decPrivateModes.cursorBlink === true, "?12h"],
    [isCursorHidden, "?25l"],
    [options.convertEol === true, "20h"],
    [!modes.wraparoundMode, "?7l"],
    [modes.insertMode, "4h"],
  ];
  return set.flatMap(([isSet, sequence]) => (isSet ? `\x1b[${sequence}` : [])).join("");
}

/** DECSCUSR: 1 and 2 block, 3 and 4 underline, 5 and 6 bar; the odd ones blink. */
function cursorStyle(modes: XtermInternals["core"]["decPrivateModes"]): number {
  const first = { block: 1, underline: 3, bar: 5 }[modes.cursorStyle ?? "block"];
  return modes.cursorBlink === false ? first + 1 : first;
}

function encodeCharsets({ charset: { level, active, sets } }: XtermInternals): string {
  const designators = ["(", ")", "*", "+"].map((designator, index) =>
    // A restored cursor brings its own into use, whatever was designated.
    designate(designator, index === level() ? active() : sets()[index]),
  );
  return designators.join("") + (["", "\x0e", "\x1bn", "\x1bo"][level()] ?? "");
}

/** DEC line drawing and British are the ones that programs still use. */
function designate(designator: string, charset: Charset | undefined): string {
  if (charset?.["q"] === "─") return `\x1b${designator}0`;
  return charset?.["#"] === "£" ? `\x1b${designator}A` : "";
}
