import type { IBufferLine, Terminal } from "@xterm/headless";

/**
 * What a snapshot needs to know of @xterm/headless and its public interface does not tell. The version is
 * pinned and `encode-screen.test.ts` fails when one of these moves.
 */
export interface XtermInternals {
  readonly buffers: { readonly normal: InternalBuffer; readonly alt: InternalBuffer };
  readonly core: {
    readonly isCursorHidden: boolean;
    readonly decPrivateModes: {
      readonly cursorStyle: "block" | "underline" | "bar" | undefined;
      readonly cursorBlink: boolean | undefined;
    };
  };
  readonly mouse: { readonly activeEncoding: "DEFAULT" | "SGR" | "SGR_PIXELS" };
  readonly charset: {
    /** Which of the four is in use. */
    readonly level: () => number;
    /** Mostly the one of that level. */
    readonly active: () => Charset | undefined;
    readonly sets: () => readonly (Charset | undefined)[];
  };
  /** Of what is written next. */
  readonly attributes: () => CellAttributes;
  /** OSC 8 of a cell that carries this number. */
  readonly findLink: (urlId: number) => { readonly uri: string; readonly id?: string } | undefined;
  /** 0 is the ground state. */
  readonly parserState: () => number;
}

/** What is shown for each character that it changes. */
export type Charset = Readonly<Record<string, string>>;

export interface InternalBuffer {
  readonly ybase: number;
  readonly x: number;
  readonly y: number;
  readonly savedX: number;
  readonly savedY: number;
  readonly savedCurAttrData: CellAttributes;
  readonly savedCharset: Charset | undefined;
  readonly scrollTop: number;
  readonly scrollBottom: number;
  readonly tabs: Readonly<Record<number, boolean>>;
}

/** Colours and style of a cell, or of what is written next. */
export interface CellAttributes {
  isBold(): number;
  isDim(): number;
  isItalic(): number;
  isUnderline(): number;
  isBlink(): number;
  isInverse(): number;
  isInvisible(): number;
  isStrikethrough(): number;
  isOverline(): number;
  isFgRGB(): boolean;
  isFgPalette(): boolean;
  getFgColor(): number;
  isBgRGB(): boolean;
  isBgPalette(): boolean;
  getBgColor(): number;
  getUnderlineStyle(): number;
  isUnderlineColorRGB(): boolean;
  isUnderlineColorPalette(): boolean;
  getUnderlineColor(): number;
}

/** Their names there; computed access, because the leading underscore says what it says. */
interface XtermCore {
  readonly ["_bufferService"]: Pick<XtermInternals, "buffers">;
  readonly coreService: XtermInternals["core"];
  readonly coreMouseService: XtermInternals["mouse"];
  readonly ["_charsetService"]: {
    readonly glevel: number;
    readonly charset: Charset | undefined;
    readonly ["_charsets"]: ReturnType<XtermInternals["charset"]["sets"]>;
  };
  readonly ["_oscLinkService"]: {
    getLinkData(urlId: number): ReturnType<XtermInternals["findLink"]>;
  };
  readonly ["_inputHandler"]: {
    readonly ["_curAttrData"]: CellAttributes;
    readonly ["_parser"]: { readonly currentState: number };
  };
}

export function readInternals(terminal: Terminal): XtermInternals {
  const core = (terminal as unknown as Readonly<Record<string, XtermCore>>)["_core"];
  if (!core) throw new TypeError("this is not the pinned version of @xterm/headless");
  const charsets = core["_charsetService"];
  const input = core["_inputHandler"];
  return {
    buffers: core["_bufferService"].buffers,
    core: core.coreService,
    mouse: core.coreMouseService,
    charset: {
      level: () => charsets.glevel,
      active: () => charsets.charset,
      sets: () => charsets["_charsets"],
    },
    findLink: (urlId) => core["_oscLinkService"].getLinkData(urlId),
    attributes: () => input["_curAttrData"],
    parserState: () => input["_parser"].currentState,
  };
}

/** Cells of a line up to the last that has a character or a background. */
export function readUsedLength(line: IBufferLine): number {
  const inner = (line as unknown as Readonly<Record<string, { getNoBgTrimmedLength(): number }>>)[
    "_line"
  ];
  return inner?.getNoBgTrimmedLength() ?? line.length;
}
