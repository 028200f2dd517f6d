import type { IBuffer, IBufferCell, IBufferLine } from "@xterm/headless";
import { encodeAttributes } from "./encode-attributes.ts";
import { type CellAttributes, readUsedLength } from "./xterm-internals.ts";

/** A cell as the pinned version has it: more than its public interface tells. */
type FullCell = IBufferCell &
  CellAttributes & {
    /** Colours and flags as numbers; with `extended` they are the whole style. */
    readonly fg: number;
    readonly bg: number;
    readonly extended: { readonly urlId: number };
    /** Number, not boolean. Without it `extended` is that of another cell. */
    hasExtendedAttrs(): number;
    isAttributeDefault(): boolean;
  };

export type FindLink = (
  urlId: number,
) => { readonly uri: string; readonly id?: string } | undefined;

const plain = "\x1b[0m";

/**
 * All lines of a buffer as text with escape sequences, for an empty terminal of this size with the cursor at its
 * top left and everything else at its default. Afterwards the cursor is somewhere and colours are off.
 *
 * Lines that wrapped wrap again by themselves, so that they stay one line when the size changes. What is
 * behind the end of a line is told only where it has a background; a line that a coloured wrap began is
 * coloured to its end at first, so there the empty cells are told as well.
 */
export function encodeCells(buffer: IBuffer, cols: number, findLink: FindLink): string {
  const parts: string[] = [];
  let style = plain;
  let urlId = 0;
  /** The numbers that `style` was made from, where they are all of it. */
  let styleFg = -1;
  let styleBg = -1;
  /** Blank cells that stand before the next character. */
  let blanks = 0;
  let blankStyle = plain;
  let isFilled = false;

  function useStyle(wanted: string): void {
    if (wanted === style) return;
    parts.push(wanted);
    style = wanted;
    styleFg = -1;
  }

  function useLink(wanted: number): void {
    if (wanted === urlId) return;
    const link = wanted === 0 ? undefined : findLink(wanted);
    parts.push(`\x1b]8;${link?.id === undefined ? "" : `id=${link.id}`};${link?.uri ?? ""}\x1b\\`);
    urlId = wanted;
  }

  /** Blank cells of one background, and the cursor behind them. */
  function putBlanks(isLast: boolean): void {
    if (blanks === 0) return;
    const isTold = isFilled || blankStyle !== plain;
    if (isTold) {
      useStyle(blankStyle);
      parts.push(`\x1b[${blanks}X`);
    }
    if (!isLast) parts.push(`\x1b[${blanks}C`);
    blanks = 0;
  }

  function putCharacter(cell: FullCell, characters: string): void {
    putBlanks(false);
    // Neighbours mostly look alike, and making the sequence is what takes time here.
    if (cell.fg !== styleFg || cell.bg !== styleBg || cell.hasExtendedAttrs()) {
      useStyle(cell.isAttributeDefault() ? plain : encodeAttributes(cell));
      useLink(cell.hasExtendedAttrs() ? cell.extended.urlId : 0);
      styleFg = cell.fg;
      styleBg = cell.bg;
    }
    parts.push(characters);
  }

  function putLine(line: IBufferLine, next: IBufferLine | undefined, cell: IBufferCell): void {
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
          parts.push(" ");
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

  const cell = buffer.getNullCell();
  for (let y = 0; y < buffer.length; y++) {
    const line = buffer.getLine(y);
    if (!line) break;
    // Beyond its end the list of lines begins again.
    const next = y + 1 < buffer.length ? buffer.getLine(y + 1) : undefined;
    putLine(line, next, cell);
    if (next && !next.isWrapped) parts.push("\r\n");
  }
  useStyle(plain);
  return parts.join("");
}

/** What an erased cell keeps of its style. */
function encodeBackground(cell: FullCell): string {
  if (cell.isBgDefault()) return plain;
  return encodeAttributes({ ...noAttributes, ...backgroundOf(cell) });
}

function backgroundOf(
  cell: FullCell,
): Pick<CellAttributes, "isBgRGB" | "isBgPalette" | "getBgColor"> {
  const [isRgb, isPalette, color] = [cell.isBgRGB(), cell.isBgPalette(), cell.getBgColor()];
  return { isBgRGB: () => isRgb, isBgPalette: () => isPalette, getBgColor: () => color };
}

const off = (): number => 0;
const no = (): boolean => false;
const noAttributes: CellAttributes = {
  isBold: off,
  isDim: off,
  isItalic: off,
  isUnderline: off,
  isBlink: off,
  isInverse: off,
  isInvisible: off,
  isStrikethrough: off,
  isOverline: off,
  isFgRGB: no,
  isFgPalette: no,
  getFgColor: off,
  isBgRGB: no,
  isBgPalette: no,
  getBgColor: off,
  getUnderlineStyle: off,
  isUnderlineColorRGB: no,
  isUnderlineColorPalette: no,
  getUnderlineColor: off,
};
