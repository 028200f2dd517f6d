import type { MessageInitShape } from "@bufbuild/protobuf";
import type { TerminalSchema } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import { countUnfinishedBytes } from "./unfinished-character.ts";
import type { PacedView } from "./pace-pty.ts";
import type { TerminalOutput, ViewCursor, ViewEvent } from "./terminal-output.ts";

/** Bytes of output in one message: with what is around it, one frame. */
const maxOutputBytes = 60 * 1024;
export const maxSnapshotPartBytes = 60 * 1024;

/**
 * One view's way through the output: what it has to be told next. Pulled by the channel only while the view
 * has credit; then its cursor moves, and the distance to the end is what paces the PTY.
 */
export interface ViewStream extends PacedView {
  /** Something may be there to be told. */
  wake(): void;
  inputAccepted(offset: number): void;
  /** Ends it: without an error as a regular end. */
  end(error?: Error): void;
  events(): AsyncGenerator<ViewEvent, void, undefined>;
}

/**
 * A program that prints much is read 4 KiB at a time, and each message costs the same whatever its size: so
 * after a piece as large as no echo is, the next is waited for a moment, unless a whole message is there already.
 */
const largeOutputBytes = 2048;
const gatherMs = 2;

export interface ViewStreamOptions {
  readonly output: TerminalOutput;
  readonly clock: Clock;
  /** `null`: the view has nothing. */
  readonly start: ViewCursor | null;
  readonly describe: () => MessageInitShape<typeof TerminalSchema>;
  /** The cursor moved. */
  readonly onTaken: () => void;
}

export function makeViewStream(options: ViewStreamOptions): ViewStream {
  const { output, clock, describe, onTaken } = options;
  /** Where the view stands; while it has nothing, where it will at the earliest. */
  let cursor: ViewCursor = options.start ?? { offset: output.end, markSequence: 0 };
  let hasScreen = options.start !== null;
  const parts: ViewEvent[] = [];
  let accepted: number | null = null;
  let ended = false;
  let failure: Error | null = null;
  let rouse: (() => void) | null = null;

  function wake(): void {
    const waiting = rouse;
    rouse = null;
    waiting?.();
  }

  async function takeSnapshot(): Promise<void> {
    const snapshot = await output.snapshot();
    ended ||= snapshot === null;
    if (ended || !snapshot) return;
    cursor = snapshot.cursor;
    hasScreen = true;
    const position = { epoch: output.epoch, offset: BigInt(cursor.offset) };
    const { cols, rows } = snapshot;
    let at = 0;
    do {
      const most = snapshot.data.subarray(at, at + maxSnapshotPartBytes);
      const isEnd = at + most.length === snapshot.data.length;
      const data = isEnd ? most : most.subarray(0, most.length - countUnfinishedBytes(most));
      at += data.length;
      const last = at >= snapshot.data.length;
      parts.push({ case: "snapshot", value: { data, cols, rows, position, last } });
    } while (at < snapshot.data.length);
    // What is on the screen already was told by no mark.
    parts.push({ case: "stateChanged", value: { terminal: describe() } });
    onTaken();
  }

  function next(): ViewEvent | "gone" | null {
    if (accepted !== null) {
      const offset = BigInt(accepted);
      accepted = null;
      return { case: "inputAccepted", value: { offset } };
    }
    const part = parts.shift();
    if (part) return part;
    if (!hasScreen) return "gone";
    const result = output.read(cursor, maxOutputBytes);
    if (result === null || result === "gone") return result;
    cursor = result.cursor;
    onTaken();
    return result.event;
  }

  function isBulk(event: ViewEvent): boolean {
    if (event.case !== "output" || output.end - cursor.offset >= maxOutputBytes) return false;
    return (event.value.data?.length ?? 0) >= largeOutputBytes;
  }

  return {
    lagBytes: () => Math.max(0, output.end - cursor.offset),
    wake,
    inputAccepted(offset) {
      accepted = offset;
      wake();
    },
    end(error) {
      ended = true;
      failure ??= error ?? null;
      wake();
    },
    async *events() {
      while (!ended) {
        const event = next();
        if (event === "gone") await takeSnapshot();
        else if (event) {
          yield event;
          if (isBulk(event)) await new Promise<void>((resolve) => clock.after(gatherMs, resolve));
        } else await new Promise<void>((resolve) => (rouse = resolve));
      }
      if (failure) throw failure;
    },
  };
}
