import type { Clock, Random } from "@leapmux/shared/platform/platform.ts";
import { makeReconnectDelay } from "@leapmux/shared/link/reconnect-delay.ts";
import { type LinkEnd, type LinkOptions, runLink } from "./run-link.ts";

/**
 *   connecting ─welcome→ online ─lost→ waiting ─delay→ connecting
 *        └────────── refused: the hub does not want us, no further try
 *   deregistered: the hub ordered it and everything is wiped
 *   stopped: from anywhere, by us
 */
export type LinkState =
  | "stopped"
  | "connecting"
  | "online"
  | "waiting"
  | "refused"
  | "deregistered";

export interface LinkKeeper {
  start(): void;
  /** Resolves when the link is down. */
  stop(): Promise<void>;
  state(): LinkState;
}

export interface KeepLinkOptions extends Omit<LinkOptions, "signal" | "workerToken"> {
  readonly workerToken: () => string | null;
  readonly clock: Clock;
  readonly random: Random;
  readonly onState: (state: LinkState, end: LinkEnd | null) => void;
  /** Before the refusal is told. */
  readonly onRefused: (end: LinkEnd & { readonly kind: "refused" }) => Promise<void>;
  /** After each link that was up or not: its channels are gone. */
  readonly onDown: () => void;
}

/** Keeps one link up: dials, waits as `makeReconnectDelay` says, and dials again. */
export function keepLink(options: KeepLinkOptions): LinkKeeper {
  const { clock, random, receiver, onState, onDown } = options;
  const delay = makeReconnectDelay({ clock, random });
  let state: LinkState = "stopped";
  let running: Promise<void> | null = null;
  let stopping = new AbortController();

  function enter(next: LinkState, end: LinkEnd | null = null): void {
    if (state === next) return;
    state = next;
    onState(next, end);
  }

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const workerToken = options.workerToken();
      if (workerToken === null) {
        enter("refused", { kind: "refused", code: "Unregistered", reason: "" });
        return;
      }
      enter("connecting");
      const end = await runLink({
        ...options,
        workerToken,
        signal,
        receiver: {
          ...receiver,
          welcome(sender, maxMessageBytes) {
            delay.connected();
            receiver.welcome(sender, maxMessageBytes);
            enter("online");
          },
          goingAway(retryAfterMs) {
            delay.goingAway(retryAfterMs);
            receiver.goingAway(retryAfterMs);
          },
        },
      });
      onDown();
      if (end.kind === "deregistered") {
        enter("deregistered", end);
        return;
      }
      if (signal.aborted) return;
      if (end.kind === "refused") {
        await options.onRefused(end);
        enter("refused", end);
        return;
      }
      enter("waiting", end);
      await wait(clock, delay.next(), signal);
    }
  }

  return {
    start() {
      if (running) return;
      stopping = new AbortController();
      running = run(stopping.signal).finally(() => {
        running = null;
      });
    },
    async stop() {
      stopping.abort();
      await running;
      enter("stopped");
    },
    state: () => state,
  };
}

function wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const cancel = clock.after(ms, done);
    function done(): void {
      cancel();
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done, { once: true });
  });
}
