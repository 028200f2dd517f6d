import { Unicode11Addon } from "@xterm/addon-unicode11";
import headless from "@xterm/headless";
import { encodeScreen } from "./encode-screen.ts";
import type { NextTurn } from "./take-turns.ts";
import { readInternals } from "./xterm-internals.ts";

const scrollbackLines = 10_000;

/** Of a kept screen: xterm lets others have their turn between two writes, never within one. */
const restoredBytes = 32 * 1024;

const nothing = new Uint8Array(0);

export interface ScreenEvents {
  /** The program asks the terminal something; this is the answer for its input. */
  readonly reply: (data: string) => void;
  readonly titleChanged: (title: string) => void;
  readonly bell: () => void;
  /** OSC 7: a file URL. */
  readonly directoryTold: (url: string) => void;
  /** OSC 4, 10, 11 and 12 with a question mark; `index` is the palette's, or 256 to 258 for those three. */
  readonly colourAsked: (index: number) => string | null;
  /** Some of what was written has been worked in. */
  readonly parsed: () => void;
}

/** As it stood when everything was worked in that had been written before. */
export interface EncodedScreen {
  readonly data: Buffer;
  readonly cols: number;
  readonly rows: number;
  /** Not 0: inside an escape sequence. Who goes on from here needs what began it. */
  readonly parserState: number;
}

/**
 * The terminal as the program sees it: a headless xterm that all output runs through, so that a view can be
 * given the whole screen at any time. It answers the program's questions (cursor position, attributes,
 * modes, colours), because it is always there and there is exactly one of it; views keep silent.
 *
 * Writing is asynchronous: it lags behind the output by `backlogBytes`, and says how far it is.
 */
export interface Screen {
  /** Whole characters only. */
  write(bytes: Uint8Array): void;
  /**
   * In order with what was written; `done` when it happened. One that waits gives way to the next, without its
   * `done`, when nothing came between: xterm moves all 10,000 lines in one piece, and nobody else has a turn
   * meanwhile. That takes 2 to 30 ms where few lines wrap anew, 60 to 100 where all do, 200 for long ones.
   */
  resize(cols: number, rows: number, done: () => void): void;
  /** Runs when all that was written before has been worked in. */
  after(done: () => void): void;
  /** Bytes worked in since the start. */
  readonly parsedBytes: number;
  readonly backlogBytes: number;
  readonly isAlternate: boolean;
  /**
   * In pieces, between which everybody else has a turn. The screen stands still for it: what is written
   * from now on waits, and so do resizes. One at a time; `null` when it was disposed.
   */
  encode(): Promise<EncodedScreen | null>;
  /** A kept screen, before anything else is written. Counts for nothing, asks nothing. */
  restore(data: Uint8Array): Promise<void>;
  dispose(): void;
}

export function makeScreen(
  cols: number,
  rows: number,
  events: ScreenEvents,
  nextTurn: NextTurn,
): Screen {
  const terminal = new headless.Terminal({
    cols,
    rows,
    scrollback: scrollbackLines,
    allowProposedApi: true,
    // Its log would go to the console, with what programs print in it.
    logLevel: "off",
  });
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = "11";
  const internals = readInternals(terminal);

  let writtenBytes = 0;
  let parsedBytes = 0;
  let restoring = false;
  let disposed = false;
  /** What waits for the end of an encoding, in order; `null` without one. */
  let held: (() => void)[] | null = null;
  /** The resize that nothing has followed yet. */
  let lastResize: { cols: number; rows: number; done: () => void } | null = null;

  function inOrder(step: () => void): void {
    if (held) held.push(step);
    else step();
  }

  async function encodePieces(): Promise<EncodedScreen | null> {
    const pieces: Buffer[] = [];
    for (const piece of encodeScreen(terminal)) {
      pieces.push(Buffer.from(piece, "utf8"));
      await nextTurn();
      if (disposed) return null;
    }
    const data = Buffer.concat(pieces);
    const parserState = internals.parserState();
    return { data, cols: terminal.cols, rows: terminal.rows, parserState };
  }

  terminal.onData((data) => {
    if (!restoring) events.reply(data);
  });
  terminal.onTitleChange((title) => {
    if (!restoring) events.titleChanged(title);
  });
  terminal.onBell(() => {
    if (!restoring) events.bell();
  });
  terminal.parser.registerOscHandler(7, (url) => {
    if (!restoring) events.directoryTold(url);
    return true;
  });
  for (const code of [4, 10, 11, 12]) {
    terminal.parser.registerOscHandler(code, (data) => {
      for (const reply of answerColours(code, data, events.colourAsked)) events.reply(reply);
      return false;
    });
  }

  return {
    write(bytes) {
      lastResize = null;
      writtenBytes += bytes.length;
      inOrder(() =>
        terminal.write(bytes, () => {
          parsedBytes += bytes.length;
          if (!disposed) events.parsed();
        }),
      );
    },
    resize(newCols, newRows, done) {
      const size = { cols: newCols, rows: newRows, done };
      if (lastResize) {
        Object.assign(lastResize, size);
        return;
      }
      lastResize = size;
      inOrder(() =>
        terminal.write(nothing, () => {
          if (lastResize === size) lastResize = null;
          if (disposed) return;
          terminal.resize(size.cols, size.rows);
          size.done();
        }),
      );
    },
    after(done) {
      lastResize = null;
      inOrder(() => terminal.write(nothing, done));
    },
    get parsedBytes() {
      return parsedBytes;
    },
    get backlogBytes() {
      return writtenBytes - parsedBytes;
    },
    get isAlternate() {
      return terminal.buffer.active.type === "alternate";
    },
    async encode() {
      const waiting: (() => void)[] = [];
      lastResize = null;
      held = waiting;
      try {
        await new Promise<void>((resolve) => terminal.write(nothing, resolve));
        return disposed ? null : await encodePieces();
      } finally {
        held = null;
        for (const step of waiting) step();
      }
    },
    restore(data) {
      restoring = true;
      for (let at = 0; at < data.length; at += restoredBytes)
        terminal.write(data.subarray(at, at + restoredBytes));
      return new Promise((resolve) => {
        terminal.write(nothing, () => {
          restoring = false;
          resolve();
        });
      });
    },
    dispose() {
      disposed = true;
      terminal.dispose();
    },
  };
}

/** `10;?` may ask for 10, 11 and 12 at once: `?;?;?`. `4;1;?` asks for one of the palette. */
function answerColours(
  code: number,
  data: string,
  colourAsked: ScreenEvents["colourAsked"],
): readonly string[] {
  const fields = data.split(";").slice(0, 64);
  const replies: string[] = [];
  for (const [at, field] of fields.entries()) {
    if (field !== "?") continue;
    const index = code === 4 ? Number(fields[at - 1]) : 256 + code - 10 + at;
    const colour = Number.isInteger(index) && index <= 258 ? colourAsked(index) : null;
    if (colour === null) continue;
    const name = code === 4 ? `4;${index}` : String(code + at);
    replies.push(`\x1b]${name};${colour}\x1b\\`);
  }
  return replies;
}
