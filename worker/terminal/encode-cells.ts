import type { IBuffer, IBufferCell, IBufferLine } from "@xterm/headless";
import { encodeAttributes, makeStyleMemory } from "./encode-attributes.ts";
import { type CellAttributes, readUsedLength } from "./xterm-internals.ts";

/** A cell as the pinned version has it: more than its public interface tells. */
type FullCell = IBufferCell &
  CellAttributes & {
    /** Colours and flags as numbers; with `extended` they are the whole style. */
    fg: number;
    bg: number;
    /** Cells that were written together share it. */
    readonly extended: { readonly urlId: number };
    /** Number, not boolean. Without it `extended` is that of another cell. */
    hasExtendedAttrs(): number;
  };

export type FindLink = (
  urlId: number,
) => { readonly uri: string; readonly id?: string } | undefined;

const plain = "\x1b[0m";
/** Of `bg` what is colour and no flag. */
const colourBits = 0x03ffffff;

/**
 * All lines of a buffer as text with escape sequences, for an empty terminal of this size with the cursor at its
 * top left and everything else at its default. Afterwards the cursor is somewhere and colours are off.
 * In pieces of at most `maxCells` cells, but whole lines; between two of them the buffer must not change.
 *
 * Lines that wrapped wrap again by themselves, so that they stay one line when the size changes. What is
 * behind the end of a line is told only where it has a background; a line that a coloured wrap began is
 * coloured to its end at first, so there the empty cells are told as well.
 */
export function* encodeCells(
  buffer: IBuffer,
  cols: number,
  findLink: FindLink,
  maxCells: number,
): Generator<string, void, undefined> {
  const recallStyle = makeStyleMemory();
  let text = "";
  let style = plain;
  let urlId = 0;
  /** What `style` and `urlId` were made from. */
  let styleFg = -1;
  let styleBg = -1;
  let styleExtended: FullCell["extended"] | null = null;
  /** Blank cells that stand before the next character. */
  let blanks = 0;
  let blankStyle = plain;
  let isFilled = false;

  function useStyle(wanted: string): void {
    styleFg = -1;
    if (wanted === style) return;
    text += wanted;
    style = wanted;
  }

  function useLink(wanted: number): void {
    styleFg = -1;
    if (wanted === urlId) return;
    const link = wanted === 0 ? undefined : findLink(wanted);
    text += `\x1b]8;${link?.id === undefined ? "" : `id=${link.id}`};${link?.uri ?? ""}\x1b\\`;
    urlId = wanted;
  }

  /** Blank cells of one background, and the cursor behind them. */
  function putBlanks(isLast: boolean): void {
    if (blanks === 0) return;
    const isTold = isFilled || blankStyle !== plain;
    if (isTold) {
      useStyle(blankStyle);
      text += `\x1b[${blanks}X`;
    }
    if (!isLast) text += `\x1b[${blanks}C`;
    blanks = 0;
  }

  function putCharacter(cell: FullCell, characters: string): void {
    putBlanks(false);
    const extended = cell.hasExtendedAttrs() ? cell.extended : null;
    // Neighbours mostly look alike.
    if (cell.fg !== styleFg || cell.bg !== styleBg || extended !== styleExtended) {
      useStyle(extended ? encodeAttributes(cell) : recallStyle(cell));
      useLink(extended?.urlId ?? 0);
      styleFg = cell.fg;
      styleBg = cell.bg;
      styleExtended = extended;
    }
    text += characters;
  }

  function putLine(line: IBufferLine, next: IBufferLine | undefined): void {
    const wraps = next?.isWrapped === true;
    // A wide character that did not fit leaves a blank of its own background behind.
    const wrapsWide =
      wraps &&
      next.getCell(0)?.getWidth() === 2 &&
      wrapStyleOf(next, 0) === wrapStyleOf(line, cols - 1);
    const isWhole = wraps || line.isWrapped;
    const end = isWhole ? cols : Math.min(cols, readUsedLength(line));
    for (let column = 0; column < end; column++) {
      const full = line.getCell(column, cell) as FullCell | undefined;
      if (!full || full.getWidth() === 0) continue;
      const characters = full.getChars();
      // Only characters make a line wrap, and only a character can be the first after it.
      const isSpace =
        (column === 0 && line.isWrapped) || (wraps && !(wrapsWide && column === cols - 1));
      if (characters !== "") {
        putCharacter(full, characters);
      } else {
        const background = encodeBackground(full);
        if (isSpace) {
          putBlanks(false);
          useStyle(background);
          useLink(0);
          text += " ";
          continue;
        }
        if (background !== blankStyle) {
          putBlanks(false);
          blankStyle = background;
        }
        blanks += 1;
      }
    }
    if (wraps && wrapsWide) blanks = 0;
    putBlanks(true);
    useLink(0);
    if (wraps) {
      isFilled = wrapStyleOf(next, 0) !== plain;
      return;
    }
    // A new line takes the background of the moment.
    useStyle(plain);
    isFilled = false;
  }

  function wrapStyleOf(line: IBufferLine, column: number): string {
    const found = line.getCell(column) as FullCell | undefined;
    return found ? encodeBackground(found) : plain;
  }

  /** What an erased cell keeps of its style. */
  function encodeBackground({ bg }: FullCell): string {
    erased.bg = bg & colourBits;
    return recallStyle(erased);
  }

  const cell = buffer.getNullCell();
  const erased = buffer.getNullCell() as FullCell;
  const pieceLines = Math.max(1, Math.floor(maxCells / cols));
  for (let y = 0; y < buffer.length; y++) {
    const line = buffer.getLine(y);
    if (!line) break;
    // Beyond its end the list of lines begins again.
    const next = y + 1 < buffer.length ? buffer.getLine(y + 1) : undefined;
    putLine(line, next);
    if (next && !next.isWrapped) text += "\r\n";
    if ((y + 1) % pieceLines !== 0) continue;
    yield text;
    text = "";
  }
  useStyle(plain);
  yield text;
}
