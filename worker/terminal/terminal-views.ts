import type {
  AttachTerminalRequest,
  AttachTerminalRequest_Begin,
} from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import { acceptInput } from "./accept-input.ts";
import { answerColour } from "./answer-colour.ts";
import { chooseSizingView, isTerminalSize } from "./choose-size.ts";
import type { PtyPacer } from "./pace-pty.ts";
import type { TerminalDetails } from "./terminal.ts";
import { terminalErrors } from "./terminal-error.ts";
import type { TerminalOutput, ViewEvent } from "./terminal-output.ts";
import { makeViewMemory, type RememberedView, type ViewColours } from "./view-memory.ts";
import { makeViewStream, type ViewStream } from "./view-stream.ts";

/** A view that left keeps its say in the size for so long: a lost link is not a decision. */
const sizeGraceMs = 10_000;

/** One view while it is attached. */
export interface AttachedView {
  /** What it has to be told: `attached` first. Ends when it is detached; throws when that had an error. */
  events(): AsyncGenerator<ViewEvent, void, undefined>;
  /** One request after begin. Resolves when the next may be taken; throws what the view did wrong. */
  receive(body: AttachTerminalRequest["body"]): Promise<void>;
  detach(error?: Error): void;
}

export interface TerminalViews {
  /** `isReadOnly`: looks; its size does not count and its input is refused. */
  attach(begin: AttachTerminalRequest_Begin, isReadOnly: boolean): AttachedView;
  /** Somebody acts there, other than by what the view receives. Nothing where it was never attached. */
  actIn(viewId: string): void;
  /** There is something new for them. */
  wake(): void;
  /** Ends all: the terminal is closed. */
  end(): void;
  /** As the view shows it that acted last. */
  answerColour(index: number): string | null;
}

/** The views of one terminal: who is there, whose size counts, whose input was taken how far. */
export function makeTerminalViews(options: {
  readonly clock: Clock;
  readonly output: TerminalOutput;
  readonly pacer: PtyPacer;
  readonly maxViews: number;
  readonly describe: () => TerminalDetails;
  readonly writeInput: (data: Uint8Array) => Promise<void>;
  readonly resize: (cols: number, rows: number) => void;
}): TerminalViews {
  const { clock, output, pacer, maxViews, describe } = options;
  const memory = makeViewMemory(maxViews);
  const attached = new Map<RememberedView, ViewStream>();
  const readOnly = new Set<RememberedView>();
  /** Those that left a moment ago, and how their grace is ended. */
  const leaving = new Map<RememberedView, () => void>();
  let lastActivity = 0;
  let isOver = false;

  function sizing(): RememberedView | null {
    const views = [...attached.keys(), ...leaving.keys()];
    return chooseSizingView(views.filter((view) => !readOnly.has(view)));
  }

  function applySize(): void {
    const view = sizing();
    if (view && !isOver) options.resize(view.cols, view.rows);
  }

  function actIn(view: RememberedView): void {
    if (view.activity === lastActivity && lastActivity > 0) return;
    lastActivity += 1;
    view.activity = lastActivity;
    applySize();
  }

  function leave(view: RememberedView, stream: ViewStream, error?: Error): void {
    stream.end(error);
    pacer.remove(stream);
    if (attached.get(view) !== stream) return;
    attached.delete(view);
    if (isOver || readOnly.delete(view)) return;
    const cancel = clock.after(sizeGraceMs, () => {
      leaving.delete(view);
      applySize();
    });
    leaving.set(view, cancel);
  }

  function recall(begin: AttachTerminalRequest_Begin, isReadOnly: boolean): RememberedView {
    const { cols, rows } = begin;
    // Whoever only looks never takes the place of one who types.
    const viewId = isReadOnly ? `${begin.viewId} looks` : begin.viewId;
    const inputSent = Number(begin.inputSent);
    const reader = [...readOnly].find((each) => each.viewId === viewId);
    const view = reader ??
      memory.get(viewId) ?? {
        viewId,
        // Not known: what it sent before went to a terminal that is gone, or was never sent.
        inputAccepted: inputSent,
        cols,
        rows,
        activity: 0,
        colours: null,
      };
    if (inputSent < view.inputAccepted) throw terminalErrors.inputMismatch();
    if (isReadOnly && !reader && readOnly.size >= maxViews / 2) throw terminalErrors.tooManyViews();
    if (!attached.has(view) && attached.size >= maxViews) throw terminalErrors.tooManyViews();
    view.cols = cols;
    view.rows = rows;
    if (begin.colours) view.colours = keepColours(begin.colours);
    if (!isReadOnly) memory.remember(view);
    return view;
  }

  async function takeInput(
    view: RememberedView,
    stream: ViewStream,
    offset: bigint,
    data: Uint8Array,
  ): Promise<void> {
    const input = acceptInput(view.inputAccepted, offset, data);
    if (!input.ok) {
      throw input.reason === "gap" ? terminalErrors.inputGap() : terminalErrors.inputTooLarge();
    }
    view.inputAccepted = input.accepted;
    actIn(view);
    const written = options.writeInput(input.data);
    stream.inputAccepted(input.accepted);
    await written;
  }

  return {
    attach(begin, isReadOnly) {
      if (isOver) throw terminalErrors.notFound();
      const view = recall(begin, isReadOnly);
      const before = attached.get(view);
      before?.end(terminalErrors.superseded());
      leaving.get(view)?.();
      leaving.delete(view);

      const { resumeFrom } = begin;
      const start = resumeFrom ? output.resume(resumeFrom.epoch, Number(resumeFrom.offset)) : null;
      const stream = makeViewStream({
        output,
        clock,
        start,
        describe,
        onTaken: pacer.update,
      });
      attached.set(view, stream);
      if (isReadOnly) readOnly.add(view);
      if (before) pacer.remove(before);
      pacer.add(stream);
      applySize();

      return {
        async *events() {
          const inputAccepted = BigInt(view.inputAccepted);
          const value = { terminal: describe(), inputAccepted, resumed: start !== null };
          yield { case: "attached", value };
          yield* stream.events();
        },
        async receive(body) {
          if (attached.get(view) !== stream) return;
          if (isReadOnly) {
            // A page fits its size and tells its colours by itself; only typing is meant.
            if (body.case === "input") throw terminalErrors.notGranted();
            if (body.case !== "begin") return;
          }
          switch (body.case) {
            case "input":
              await takeInput(view, stream, body.value.offset, body.value.data);
              return;
            case "resize":
              if (!isTerminalSize(body.value.cols, body.value.rows)) throw terminalErrors.badSize();
              view.cols = body.value.cols;
              view.rows = body.value.rows;
              applySize();
              return;
            case "focus":
              actIn(view);
              return;
            case "colours":
              view.colours = keepColours(body.value);
              return;
            case "begin":
              throw terminalErrors.secondBegin();
            case undefined:
              return;
          }
        },
        detach: (error) => leave(view, stream, error),
      };
    },

    actIn(viewId) {
      const view = memory.get(viewId);
      if (view) actIn(view);
    },

    wake() {
      for (const stream of attached.values()) stream.wake();
    },

    end() {
      isOver = true;
      for (const stream of attached.values()) stream.end();
      for (const cancel of leaving.values()) cancel();
      leaving.clear();
    },

    answerColour: (index) => answerColour(sizing()?.colours ?? null, index),
  };
}

/** What is remembered for long is bounded: a palette may come as large as a message. */
function keepColours({ foreground, background, cursor, palette }: ViewColours): ViewColours {
  return { foreground, background, cursor, palette: palette.slice(0, 16) };
}
