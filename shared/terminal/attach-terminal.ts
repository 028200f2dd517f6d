import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Client, Code, ConnectError } from "@connectrpc/connect";
import {
  type AttachTerminalRequestSchema,
  type AttachTerminalResponse,
  type Terminal,
  type TerminalService,
  TerminalSchema,
} from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { makeReconnectDelay } from "../link/reconnect-delay.ts";
import type { Clock, Random } from "../platform/platform.ts";
import { encodeBase64url } from "../identity/base64url.ts";
import type {
  Attachment,
  AttachmentState,
  TerminalColours,
  TerminalScreen,
  TerminalSize,
} from "./attachment.ts";
import { makeRequestQueue, type RequestQueue } from "./request-queue.ts";
import { type InputPart, makeInputTracker } from "./track-input.ts";
import { makeOutputTracker, type OutputPosition } from "./track-output.ts";

type Request = MessageInitShape<typeof AttachTerminalRequestSchema>;
type RequestBody = NonNullable<Request["body"]>;

const restartTimeoutMs = 15_000;

/** Ends the attachment with a fresh start from a snapshot. */
class OutOfStep extends Error {}

/**
 * One view of one terminal on a worker, attached again after each loss until it is stopped.
 *
 *   begin ──▶ attached ──▶ (snapshot parts)? ──▶ output, resized, state changes
 *
 * Output goes to the screen in order and without gap or double (track-output); the next event is
 * pulled only when the screen has room, which is what grants the worker credit. Input is kept until
 * the worker confirms it (track-input). Nothing is typed while detached: `sendInput` refuses.
 */
export function attachTerminal(options: {
  readonly client: Pick<Client<typeof TerminalService>, "attachTerminal" | "restartTerminal">;
  readonly terminalId: string;
  readonly screen: TerminalScreen;
  readonly size: TerminalSize;
  /** Absent: this view cannot tell. */
  readonly colours?: TerminalColours;
  readonly clock: Clock;
  readonly random: Random;
  readonly onState: (state: AttachmentState) => void;
  /** `isInOrder`: it changed at this place of the output; else it is so now, whatever is still to be drawn. */
  readonly onTerminal: (terminal: Terminal, isInOrder: boolean) => void;
  /** Of a terminal that is followed from its opening on; without it a snapshot comes first. */
  readonly from?: OutputPosition;
}): Attachment {
  const { screen, terminalId } = options;
  const output = makeOutputTracker(options.from);
  const delay = makeReconnectDelay({ random: options.random, clock: options.clock });
  let stopped = false;
  let paused = false;
  let attempt = new AbortController();
  let input = makeInputTracker();
  let viewId = encodeBase64url(options.random(16));
  let size = options.size;
  let colours = options.colours;
  let requests: RequestQueue<Request> | undefined;
  let live = false;
  /** While detached: told as soon as that is possible. */
  let broughtToFront = false;
  let begunWith = size;
  let wake = () => {};

  function push(body: RequestBody): void {
    requests?.push({ body });
  }
  function pushInput(parts: readonly InputPart[]): void {
    for (const value of parts) push({ case: "input", value });
  }
  function startOver(): void {
    output.forget();
    input = makeInputTracker();
    viewId = encodeBase64url(options.random(16));
  }

  async function accept(event: AttachTerminalResponse): Promise<void> {
    const { body } = event;
    switch (body.case) {
      case "attached": {
        const { terminal, inputAccepted, resumed } = body.value;
        if (live || !output.attach(resumed)) throw new OutOfStep();
        const again = input.resume(inputAccepted);
        if (!again) throw new OutOfStep();
        live = true;
        delay.connected();
        if (!sameSize(begunWith, size)) push({ case: "resize", value: size });
        if (broughtToFront) push({ case: "focus", value: {} });
        broughtToFront = false;
        options.onTerminal(terminal ?? create(TerminalSchema), false);
        pushInput(again);
        return options.onState("live");
      }
      case "snapshot": {
        const { data, cols, rows, position, last } = body.value;
        const { ok, first } = output.snapshot({ position, last });
        if (!ok) throw new OutOfStep();
        if (first) screen.reset({ cols, rows });
        return screen.write(data);
      }
      case "output":
        if (!output.output(body.value.offset, body.value.data.length)) throw new OutOfStep();
        return screen.write(body.value.data);
      case "resized":
        return screen.resize(body.value);
      case "inputAccepted":
        if (!input.confirm(body.value.offset)) throw new OutOfStep();
        return;
      case "stateChanged":
        return options.onTerminal(body.value.terminal ?? create(TerminalSchema), true);
      default:
        // What a newer worker adds and this view does not know.
        return;
    }
  }

  async function attachOnce(): Promise<void> {
    const queue = makeRequestQueue<Request>();
    attempt = new AbortController();
    const { signal } = attempt;
    begunWith = size;
    const begin = {
      terminalId,
      viewId,
      ...size,
      ...(colours ? { colours } : {}),
      inputSent: input.end,
      ...(output.position ? { resumeFrom: output.position } : {}),
    };
    requests = queue;
    push({ case: "begin", value: begin });
    try {
      for await (const event of options.client.attachTerminal(queue, { signal })) {
        await accept(event);
      }
    } finally {
      requests = undefined;
      live = false;
      queue.end();
    }
  }

  /** Until the delay is over, or without one until somebody says that it is worth a try. */
  function wait(ms?: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = ms === undefined ? () => {} : options.clock.after(ms, () => wake());
      wake = () => {
        cancel();
        wake = () => {};
        resolve();
      };
    });
  }

  async function keepAttached(): Promise<void> {
    while (!stopped) {
      if (paused) {
        options.onState("asleep");
        await wait();
        continue;
      }
      options.onState("attaching");
      let state: AttachmentState = "detached";
      try {
        await attachOnce();
        // An end without an error: the terminal was closed.
        state = "gone";
      } catch (error) {
        if (error instanceof OutOfStep) startOver();
        else if (ConnectError.from(error).code === Code.NotFound) state = "gone";
      }
      // Let go on purpose: stopped, or paused and perhaps resumed already.
      if (attempt.signal.aborted) continue;
      if (state === "gone") output.forget();
      options.onState(state);
      await wait(delay.next());
    }
  }
  void keepAttached();

  return {
    sendInput(data) {
      if (!live) return false;
      const parts = input.take(data);
      if (!parts) return false;
      pushInput(parts);
      return true;
    },
    resize(next) {
      if (sameSize(size, next)) return;
      size = next;
      if (live) push({ case: "resize", value: next });
    },
    setColours(next) {
      colours = next;
      if (live) push({ case: "colours", value: next });
    },
    focus() {
      if (live) push({ case: "focus", value: {} });
      else broughtToFront = true;
    },
    async restart() {
      // A worker that does not know this view will.
      if (!live) broughtToFront = true;
      const request = { terminalId, viewId };
      await options.client.restartTerminal(request, { timeoutMs: restartTimeoutMs });
    },
    retryNow() {
      if (!paused) wake();
    },
    pause() {
      if (paused) return;
      paused = true;
      attempt.abort();
      wake();
    },
    resume() {
      if (!paused) return;
      paused = false;
      wake();
    },
    stop() {
      stopped = true;
      attempt.abort();
      wake();
    },
  };
}

function sameSize(a: TerminalSize, b: TerminalSize): boolean {
  return a.cols === b.cols && a.rows === b.rows;
}
