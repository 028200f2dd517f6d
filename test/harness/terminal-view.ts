/**
 * One view of one terminal, as a page keeps it: it remembers where its output stands and what input it
 * sent, so that it resumes on a fresh channel and nothing is lost or doubled. Checks at every event that
 * output goes on exactly where it stood.
 */
import { randomBytes } from "node:crypto";
import { Code, ConnectError, type Client } from "@connectrpc/connect";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  AttachTerminalRequestSchema,
  AttachTerminalResponse,
  AttachTerminalResponse_Snapshot,
  Terminal,
  TerminalService,
} from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { makeAsyncQueue, type AsyncQueue } from "./async-queue.ts";
import { until } from "./until.ts";

const maxInputBytes = 32 * 1024;

type Request = MessageInitShape<typeof AttachTerminalRequestSchema>;

export interface TerminalView {
  readonly viewId: string;
  /** Attaches, anew or resuming; resolves at `attached`. */
  attach(terminals: Client<typeof TerminalService>): Promise<void>;
  /** Sends input, or keeps it for the next attachment. */
  type(text: string | Uint8Array): void;
  /** Sends input again from its byte `offset` on, as if nobody had said that it was accepted. */
  resend(offset: number): void;
  resize(cols: number, rows: number): void;
  focus(): void;
  /** Reads no further events until `resume`: credit runs out and the PTY is paused. */
  pause(): void;
  resume(): void;
  detach(): Promise<void>;
  /** Output of the terminal since the first attachment, as text; snapshots start it anew. */
  text(): string;
  output(): Buffer;
  /** Until this text, or a match, was printed. */
  untilText(text: string | RegExp, withinMs?: number): Promise<void>;
  readonly snapshots: readonly AttachTerminalResponse_Snapshot[];
  readonly resumedCount: number;
  readonly events: readonly string[];
  readonly state: Terminal | undefined;
  readonly size: { readonly cols: number; readonly rows: number };
  readonly position: { readonly epoch: string; readonly offset: bigint } | undefined;
  inputAccepted(): bigint;
  /** Why the attachment ended; undefined while it goes on. */
  ended(): ConnectError | "end" | undefined;
}

export interface TerminalViewOptions {
  readonly cols?: number;
  readonly rows?: number;
  /** Gets each piece of output instead of the buffer, for streams too long to keep. */
  readonly onOutput?: (bytes: Uint8Array) => void | Promise<void>;
}

export function makeTerminalView(
  terminalId: string,
  options: TerminalViewOptions = {},
): TerminalView {
  const viewId = randomBytes(16).toString("base64url");
  let cols = options.cols ?? 80;
  let rows = options.rows ?? 24;
  let chunks: Uint8Array[] = [];
  let input = Buffer.alloc(0);
  let inputAccepted = 0n;
  let sentOffset = 0;
  let position: { epoch: string; offset: bigint } | undefined;
  let requests: AsyncQueue<Request> | undefined;
  let attached = false;
  let ended: ConnectError | "end" | undefined;
  let state: Terminal | undefined;
  let resumedCount = 0;
  let inSnapshot = false;
  let gate: Promise<void> | undefined;
  let openGate: (() => void) | undefined;
  let abort: AbortController | undefined;
  let reading: Promise<void> | undefined;
  const snapshots: AttachTerminalResponse_Snapshot[] = [];
  const events: string[] = [];

  const flushInput = (): void => {
    while (attached && sentOffset < input.length) {
      const data = input.subarray(sentOffset, sentOffset + maxInputBytes);
      requests?.push({ body: { case: "input", value: { offset: BigInt(sentOffset), data } } });
      sentOffset += data.length;
    }
  };

  const accept = async ({ body }: AttachTerminalResponse): Promise<void> => {
    events.push(body.case ?? "unknown");
    switch (body.case) {
      case "attached":
        state = body.value.terminal;
        inputAccepted = body.value.inputAccepted;
        sentOffset = Number(inputAccepted);
        if (body.value.resumed) resumedCount += 1;
        attached = true;
        flushInput();
        return;
      case "snapshot":
        if (!inSnapshot) chunks = [];
        inSnapshot = !body.value.last;
        snapshots.push(body.value);
        chunks.push(body.value.data);
        cols = body.value.cols;
        rows = body.value.rows;
        if (body.value.last) {
          if (body.value.position === undefined) throw new Error("snapshot without position");
          position = { epoch: body.value.position.epoch, offset: body.value.position.offset };
        }
        return;
      case "output": {
        if (position === undefined) throw new Error("output before any position");
        if (body.value.offset !== position.offset) {
          throw new Error(`output at ${body.value.offset}, expected ${position.offset}`);
        }
        position.offset += BigInt(body.value.data.length);
        if (options.onOutput === undefined) chunks.push(body.value.data);
        else await options.onOutput(body.value.data);
        return;
      }
      case "resized":
        cols = body.value.cols;
        rows = body.value.rows;
        return;
      case "inputAccepted":
        inputAccepted = body.value.offset;
        return;
      case "stateChanged":
        state = body.value.terminal;
        return;
      default:
        throw new Error("an event that this view does not know");
    }
  };

  const read = async (responses: AsyncIterable<AttachTerminalResponse>): Promise<void> => {
    try {
      for await (const response of responses) {
        await accept(response);
        if (gate !== undefined) await gate;
      }
      ended ??= "end";
    } catch (error) {
      ended = ConnectError.from(error);
    } finally {
      attached = false;
    }
  };

  const output = (): Buffer => Buffer.concat(chunks);
  const text = (): string => output().toString("utf8");
  const view: TerminalView = {
    viewId,
    async attach(terminals) {
      attached = false;
      ended = undefined;
      inSnapshot = false;
      const queue = makeAsyncQueue<Request>();
      requests = queue;
      abort = new AbortController();
      queue.push({
        body: {
          case: "begin",
          value: {
            terminalId,
            viewId,
            cols,
            rows,
            inputSent: BigInt(input.length),
            ...(position === undefined ? {} : { resumeFrom: position }),
          },
        },
      });
      reading = read(terminals.attachTerminal(queue, { signal: abort.signal }));
      await until(() => {
        if (attached) return true;
        if (view.ended() !== undefined) throw view.ended();
        return false;
      }, "attached");
    },
    type(more) {
      const bytes = typeof more === "string" ? Buffer.from(more) : Buffer.from(more);
      input = Buffer.concat([input, bytes]);
      flushInput();
    },
    resend(offset) {
      sentOffset = offset;
      flushInput();
    },
    resize(newCols, newRows) {
      requests?.push({ body: { case: "resize", value: { cols: newCols, rows: newRows } } });
    },
    focus: () => requests?.push({ body: { case: "focus", value: {} } }),
    pause() {
      gate = new Promise((resolve) => (openGate = resolve));
    },
    resume() {
      openGate?.();
      gate = undefined;
    },
    async detach() {
      requests?.end();
      abort?.abort(new ConnectError("detached", Code.Canceled));
      await reading;
    },
    text,
    output,
    async untilText(wanted, withinMs) {
      const found = (): boolean =>
        typeof wanted === "string" ? text().includes(wanted) : wanted.test(text());
      await until(
        () => {
          if (found()) return true;
          if (ended !== undefined) throw new Error(`ended (${String(ended)}) before ${wanted}`);
          return false;
        },
        `output ${wanted}`,
        withinMs,
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}\nlast output: ${JSON.stringify(text().slice(-500))}`);
      });
    },
    snapshots,
    get resumedCount() {
      return resumedCount;
    },
    events,
    get state() {
      return state;
    },
    get size() {
      return { cols, rows };
    },
    get position() {
      return position;
    },
    inputAccepted: () => inputAccepted,
    ended: () => ended,
  };
  return view;
}
