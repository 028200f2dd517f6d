import type { MessageInitShape } from "@bufbuild/protobuf";
import type { AttachTerminalResponseSchema } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { makeOutputLog } from "./output-log.ts";
import { countUnfinishedBytes } from "./unfinished-character.ts";
import { readUnfinishedSequence } from "./unfinished-sequence.ts";
import { makeScreen, type ScreenEvents } from "./screen.ts";
import type { NextTurn } from "./take-turns.ts";

export type ViewEvent = NonNullable<MessageInitShape<typeof AttachTerminalResponseSchema>["body"]>;

/** Something that happened at a place of the output: a size, the end of the shell, a new one. */
interface Mark {
  readonly sequence: number;
  readonly offset: number;
  readonly event: ViewEvent;
}

/** Where a view stands: the next byte, and the last mark that it was told. */
export interface ViewCursor {
  readonly offset: number;
  readonly markSequence: number;
}

export interface ScreenSnapshot {
  /** The screen alone, to be kept. */
  readonly screen: Buffer;
  /** With the beginning of an escape sequence that the output at the cursor continues, for a view. */
  readonly data: Buffer;
  readonly cols: number;
  readonly rows: number;
  readonly cursor: ViewCursor;
}

/** What views can catch up with without a snapshot. */
export const keptOutputBytes = 1024 * 1024;
/** Who missed more of them starts anew with a snapshot, as who missed more output does. */
const maxMarks = 256;

/**
 * The output of one terminal in order: bytes, and marks at their places among them. Kept twice, as the
 * newest bytes for views that follow and as a screen for those that come anew; a snapshot of the
 * screen says exactly from which byte on the output continues it.
 */
export interface TerminalOutput {
  /** Names the numbering; anew with every start of the worker. */
  readonly epoch: string;
  readonly end: number;
  /** Bytes that the screen has not worked in yet. */
  readonly backlogBytes: number;
  /** The alternate screen is on. */
  readonly isAlternate: boolean;
  /** Copies them. */
  append(bytes: Uint8Array): void;
  mark(event: ViewEvent): void;
  /** Of sizes that follow each other without output, as when people drag windows, the last one counts. */
  resize(cols: number, rows: number): void;
  /** A cursor at this place; `null` when the output from there on is gone, or a mark among it. */
  resume(epoch: string, offset: number): ViewCursor | null;
  /** What comes next at a cursor, in whole characters; `gone` when it fell behind what is kept, `null` at the end. */
  read(
    cursor: ViewCursor,
    maxBytes: number,
  ): { event: ViewEvent; cursor: ViewCursor } | "gone" | null;
  /** With everything until now, at least; `null` when it was disposed meanwhile. Output may come while it is taken. */
  snapshot(): Promise<ScreenSnapshot | null>;
  /** Resolves when everything until now is on the screen. */
  settle(): Promise<void>;
  restore(data: Uint8Array): Promise<void>;
  dispose(): void;
}

export function makeTerminalOutput(options: {
  readonly epoch: string;
  readonly cols: number;
  readonly rows: number;
  readonly events: ScreenEvents;
  /** Between two pieces of a snapshot. */
  readonly nextTurn: NextTurn;
}): TerminalOutput {
  const { epoch, cols, rows } = options;
  const log = makeOutputLog();
  const events: ScreenEvents = {
    ...options.events,
    parsed() {
      // What the screen has not seen yet may become the place of a snapshot.
      log.trim(keptOutputBytes, screen.parsedBytes);
      while (marks[0] && marks[0].offset < log.start) marks.shift();
      options.events.parsed();
    },
  };
  const screen = makeScreen(cols, rows, events, options.nextTurn);
  const marks: Mark[] = [];
  /** The beginning of a character, 0 to 3 bytes: it counts as output once it is whole. */
  let held: Buffer = Buffer.alloc(0);
  let lastSequence = 0;
  /** The last mark that went because there were too many. */
  let dropped: Mark | null = null;
  /** The last mark that the screen has passed. */
  let screenSequence = 0;
  /** The snapshot that is being taken, and the one after it for who came when there was more already. */
  let taking: { cursor: ViewCursor; snapshot: Promise<ScreenSnapshot | null> } | null = null;
  let nextSnapshot: Promise<ScreenSnapshot | null> | null = null;

  function addMark(event: ViewEvent): number {
    lastSequence += 1;
    const before = marks.at(-1);
    const isOver = before?.event.case === "resized" && before.offset === log.end;
    if (isOver && event.case === "resized") marks.pop();
    marks.push({ sequence: lastSequence, offset: log.end, event });
    if (marks.length > maxMarks) dropped = marks.shift() ?? null;
    return lastSequence;
  }

  function nextMark(cursor: ViewCursor): Mark | undefined {
    return marks.find((mark) => mark.sequence > cursor.markSequence);
  }

  /** The unfinished escape sequence that ends there. */
  function readUnfinished(parserState: number, end: number): Uint8Array {
    if (parserState === 0) return Buffer.alloc(0);
    const recent = Buffer.concat(readAll(Math.max(log.start, end - keptOutputBytes), end));
    return readUnfinishedSequence(parserState, recent);
  }

  /** From `offset`, ending with a whole character where there is one. */
  function readText(offset: number, maxBytes: number): Uint8Array {
    const data = log.read(offset, maxBytes);
    const unfinished = countUnfinishedBytes(data);
    if (unfinished < data.length) return data.subarray(0, data.length - unfinished);
    // A character across two blocks: at most four bytes.
    const joined = Buffer.concat([data, log.read(offset + data.length, 4 - data.length)]);
    for (let length = 1; length < joined.length; length++) {
      const part = joined.subarray(0, length);
      if (countUnfinishedBytes(part) === 0) return part;
    }
    return joined;
  }

  function push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const at = log.end;
    log.append(bytes);
    // The log's own copy never changes; only where it lies in two blocks, one more is needed.
    const kept = log.read(at, bytes.length);
    screen.write(kept.length === bytes.length ? kept : Uint8Array.from(bytes));
  }

  /** What was held back in the hope of more. */
  function pushHeld(): void {
    push(held);
    held = Buffer.alloc(0);
  }

  function readAll(from: number, to: number): Uint8Array[] {
    const parts: Uint8Array[] = [];
    for (let at = from; at < to;) {
      const part = log.read(at, to - at);
      if (part.length === 0) break;
      parts.push(part);
      at += part.length;
    }
    return parts;
  }

  async function encodeAt(cursor: ViewCursor): Promise<ScreenSnapshot | null> {
    const encoded = await screen.encode();
    if (!encoded) return null;
    const { data: alone, cols: screenCols, rows: screenRows, parserState } = encoded;
    const data = Buffer.concat([alone, readUnfinished(parserState, cursor.offset)]);
    return { screen: alone, data, cols: screenCols, rows: screenRows, cursor };
  }

  function takeSnapshot(): Promise<ScreenSnapshot | null> {
    nextSnapshot = null;
    // The screen works in everything until here before it is encoded.
    const cursor = { offset: log.end, markSequence: lastSequence };
    const snapshot = encodeAt(cursor).finally(() => (taking = null));
    taking = { cursor, snapshot };
    return snapshot;
  }

  return {
    epoch,
    get end() {
      return log.end;
    },
    get backlogBytes() {
      return screen.backlogBytes;
    },
    get isAlternate() {
      return screen.isAlternate;
    },
    append(bytes) {
      const all = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      const unfinished = countUnfinishedBytes(all);
      push(all.subarray(0, all.length - unfinished));
      held = Buffer.from(all.subarray(all.length - unfinished));
    },
    mark(event) {
      pushHeld();
      const sequence = addMark(event);
      screen.after(() => (screenSequence = sequence));
    },
    resize(newCols, newRows) {
      const value = { cols: newCols, rows: newRows };
      const sequence = addMark({ case: "resized", value });
      screen.resize(newCols, newRows, () => (screenSequence = sequence));
    },
    resume(wantedEpoch, offset) {
      const isKept = offset >= log.start && offset <= log.end && offset > (dropped?.offset ?? -1);
      if (wantedEpoch !== epoch || !isKept) return null;
      // A mark at this very place is told once more: it may have been lost with the link.
      const next = marks.find((mark) => mark.offset >= offset);
      return { offset, markSequence: next ? next.sequence - 1 : lastSequence };
    },
    read(cursor, maxBytes) {
      if (cursor.offset < log.start || cursor.markSequence < (dropped?.sequence ?? 0))
        return "gone";
      const mark = nextMark(cursor);
      if (mark && mark.offset <= cursor.offset) {
        return { event: mark.event, cursor: { ...cursor, markSequence: mark.sequence } };
      }
      const untilMark = mark ? mark.offset - cursor.offset : maxBytes;
      const data = readText(cursor.offset, Math.min(maxBytes, untilMark));
      if (data.length === 0) return null;
      const value = { offset: BigInt(cursor.offset), data };
      const offset = cursor.offset + data.length;
      return { event: { case: "output", value }, cursor: { ...cursor, offset } };
    },
    snapshot() {
      const isNewest =
        taking?.cursor.offset === log.end && taking.cursor.markSequence === lastSequence;
      if (taking && isNewest) return taking.snapshot;
      const before = taking?.snapshot ?? Promise.resolve(null);
      nextSnapshot ??= before.then(takeSnapshot, takeSnapshot);
      return nextSnapshot;
    },
    settle() {
      const isSettled = screen.backlogBytes === 0 && screenSequence === lastSequence;
      return isSettled ? Promise.resolve() : new Promise((resolve) => screen.after(resolve));
    },
    restore: (data) => screen.restore(data),
    dispose: () => screen.dispose(),
  };
}
