/** For tests: one view attached to a worker that the test plays, event by event. */
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  type AttachTerminalRequest,
  AttachTerminalRequestSchema,
  type AttachTerminalResponse,
  AttachTerminalResponseSchema,
} from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { makeManualClock } from "../platform/manual-clock.ts";
import { attachTerminal } from "./attach-terminal.ts";
import type { AttachmentState, TerminalSize } from "./attachment.ts";
import { makeRequestQueue, type RequestQueue } from "./request-queue.ts";

// The tests run on Node; the part is compiled without its types.
declare function setImmediate(run: () => void): void;

type Event = Parameters<typeof create<typeof AttachTerminalResponseSchema>>[1];

/** The worker's side of one attachment, led by the test. */
export interface ModelStream {
  begin: Extract<AttachTerminalRequest["body"], { case: "begin" }>["value"];
  requests: AttachTerminalRequest["body"][];
  send(event: Event): void;
  fail(error: unknown): void;
  end(): void;
  readonly cancelled: boolean;
}

const size = { cols: 80, rows: 25 };
export const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
let drawn = 1;
/** Different each time, and the same in each run. */
const random = (length: number) =>
  Uint8Array.from({ length }, () => (drawn = (drawn * 1_664_525 + 1_013_904_223) >>> 0) >>> 24);

export function makeTestView() {
  const clock = makeManualClock();
  const streams: ModelStream[] = [];
  const states: AttachmentState[] = [];
  const screen: number[] = [];
  const restarts: unknown[] = [];
  const sizes: TerminalSize[] = [];
  let hold: Promise<void> = Promise.resolve();

  async function* attach(
    requests: AsyncIterable<unknown>,
    { signal }: { signal: AbortSignal },
  ): AsyncGenerator<AttachTerminalResponse> {
    const events: RequestQueue<Event | { error: unknown }> = makeRequestQueue();
    const got: AttachTerminalRequest["body"][] = [];
    const source = requests[Symbol.asyncIterator]();
    const next = async () => {
      const { value, done } = await source.next();
      if (done) return undefined;
      return create(AttachTerminalRequestSchema, value as AttachTerminalRequest).body;
    };
    const begin = await next();
    if (begin?.case !== "begin") throw new Error("begin comes first");
    void (async () => {
      for (let body = await next(); body; body = await next()) got.push(body);
    })();
    signal.addEventListener("abort", () =>
      events.push({ error: new ConnectError("cancelled", Code.Canceled) }),
    );
    streams.push({
      begin: begin.value,
      requests: got,
      send: (event) => events.push(event),
      fail: (error) => events.push({ error }),
      end: () => events.end(),
      get cancelled() {
        return signal.aborted;
      },
    });
    for await (const event of events) {
      if (event && "error" in event) throw event.error;
      yield create(AttachTerminalResponseSchema, event);
    }
  }

  function restartTerminal(request: unknown): Promise<never> {
    restarts.push(request);
    return Promise.resolve({} as never);
  }

  const attachment = attachTerminal({
    client: { attachTerminal: attach as never, restartTerminal },
    terminalId: "tab_1",
    size,
    colours: { foreground: 1, background: 2, cursor: 3, palette: [] },
    clock,
    random,
    screen: {
      reset(next) {
        screen.length = 0;
        sizes.push(next);
      },
      resize: (next) => sizes.push({ cols: next.cols, rows: next.rows }),
      write(data) {
        screen.push(...data);
        return hold;
      },
    },
    onState: (state) => states.push(state),
    onTerminal: () => {},
  });

  return {
    attachment,
    clock,
    streams,
    states,
    screen,
    sizes,
    restarts,
    holdScreen: (promise: Promise<void>) => (hold = promise),
    last: () => streams[streams.length - 1]!,
  };
}

export const attached = (inputAccepted = 0n, resumed = false): Event => ({
  body: { case: "attached", value: { terminal: { cols: 80, rows: 25 }, inputAccepted, resumed } },
});
export const snapshot = (data: number[], offset: number, last = true): Event => ({
  body: {
    case: "snapshot",
    value: {
      data: Uint8Array.from(data),
      cols: 90,
      rows: 30,
      last,
      ...(last ? { position: { epoch: "e", offset: BigInt(offset) } } : {}),
    },
  },
});
export const output = (offset: number, data: number[]): Event => ({
  body: { case: "output", value: { offset: BigInt(offset), data: Uint8Array.from(data) } },
});
export const lost = () => new ConnectError("link was lost", Code.Unavailable);
export const inputs = (stream: ModelStream) =>
  stream.requests.flatMap((body) =>
    body.case === "input" ? [{ offset: body.value.offset, data: [...body.value.data] }] : [],
  );
