import type { CloseReason } from "../errors/close-reason.ts";
import { makeReconnectDelay } from "../link/reconnect-delay.ts";
import type { Clock, Random } from "../platform/platform.ts";
import type { WorkerConnectionState } from "./link-state.ts";
import type { ChannelRefusal } from "./open-channel.ts";

/**
 * Keeps the channel to one worker open from the moment that somebody wants it: tries again after
 * each loss, as soon as the link is back and not faster than the reconnect delay allows.
 */
export interface KeptChannel {
  /** Opens unless it is open, opening or refused. */
  want(): void;
  /** A person asks: ends a wait, and a refusal that may have passed. */
  retry(): void;
  /** The hub said that workers changed: worth a try, where we wait for this one. */
  nudge(): void;
  /** What this device can show changed: worth a try, where a worker refused the device. */
  grantsChanged(): void;
  /** Nothing of this worker's is to be believed any more: ends what is open or opening. */
  distrust(): void;
  linkUp(linkId: string): void;
  linkDown(): void;
  /** The way may be clear again. */
  wake(): void;
  /** For good: ends what is open or opening, tries no more, and says nothing more of its state. */
  close(): void;
}

/** An open channel as far as it matters here. */
export interface HeldChannel {
  readonly state: WorkerConnectionState & { kind: "open" };
  onClose(closed: (reason: CloseReason) => void): void;
  close(reason: CloseReason): void;
}

/** Refused until a person asks again; of these a rejected key stays rejected whoever asks. */
const refusals: ReadonlySet<string> = new Set([
  "key_changed",
  "mode_refused",
  "user_mismatch",
  "user_not_verified",
  "device_not_trusted",
  "credential_revoked",
  "version_unsupported",
  "worker_deregistered",
  "pins_unreadable",
]);

/** The hub can say "changed" as often as it likes; this is how often we believe it. */
const nudgeIntervalMs = 1_000;

export function keepChannel(options: {
  readonly clock: Clock;
  /** Wall clock. */
  readonly nowMs: () => number;
  readonly random: Random;
  readonly open: (
    linkId: string,
    signal: AbortSignal,
  ) => Promise<({ readonly ok: true } & HeldChannel) | ChannelRefusal>;
  readonly onState: (state: WorkerConnectionState) => void;
}): KeptChannel {
  const { clock } = options;
  const delay = makeReconnectDelay({ random: options.random, clock });
  let state: WorkerConnectionState = { kind: "idle" };
  let linkId: string | undefined;
  let wanted = false;
  let attempt: AbortController | undefined;
  let held: HeldChannel | undefined;
  let lastNudgeMs = -nudgeIntervalMs;
  let grantsAreNew = false;
  let isClosed = false;
  let cancelTimer = () => {};

  function enter(next: WorkerConnectionState): void {
    if (isClosed) return;
    state = next;
    options.onState(next);
  }

  function start(): void {
    cancelTimer();
    if (isClosed || !wanted || held || attempt || state.kind === "refused") return;
    if (state.kind !== "opening") enter({ kind: "opening" });
    // Without a link the opening waits for linkUp.
    if (linkId === undefined) return;
    const mine = new AbortController();
    attempt = mine;
    grantsAreNew = false;
    void options.open(linkId, mine.signal).then((result) => {
      if (attempt !== mine) {
        if (result.ok) result.close("link_lost");
        return;
      }
      attempt = undefined;
      if (result.ok) return hold(result);
      if (refusals.has(result.reason)) return refuse(result.reason);
      waitFor(result.reason, result.retryAfterMs);
    });
  }

  function refuse(reason: CloseReason): void {
    enter({ kind: "refused", reason });
    if (grantsAreNew) tryAgainWithGrants();
  }

  /** At most once a second, and never lost: nobody else would try again. */
  function tryAgainWithGrants(): void {
    grantsAreNew = false;
    if (state.kind !== "refused" || state.reason !== "device_not_trusted") return;
    const waitMs = Math.max(0, lastNudgeMs + nudgeIntervalMs - clock.now());
    cancelTimer();
    if (waitMs > 0) {
      grantsAreNew = true;
      cancelTimer = clock.after(waitMs, tryAgainWithGrants);
      return;
    }
    lastNudgeMs = clock.now();
    state = { kind: "idle" };
    start();
  }

  function hold(channel: HeldChannel): void {
    held = channel;
    delay.connected();
    enter(channel.state);
    channel.onClose((reason) => {
      if (held !== channel) return;
      held = undefined;
      // Of the device or of the login: the next opening says which, and what to do.
      if (refusals.has(reason) && reason !== "credential_revoked") return refuse(reason);
      waitFor(reason, 0);
    });
  }

  function letGo(reason: CloseReason): void {
    attempt?.abort();
    attempt = undefined;
    const lost = held;
    held = undefined;
    lost?.close(reason);
  }

  function waitFor(reason: CloseReason, retryAfterMs: number): void {
    if (retryAfterMs > 0) delay.goingAway(retryAfterMs);
    const waitMs = delay.next();
    cancelTimer();
    cancelTimer = clock.after(waitMs, start);
    enter({ kind: "waiting", retryAtMs: options.nowMs() + waitMs, reason });
  }

  return {
    want() {
      if (wanted) return;
      wanted = true;
      start();
    },
    retry() {
      wanted = true;
      if (state.kind === "refused") state = { kind: "idle" };
      delay.reset();
      start();
    },
    nudge() {
      if (state.kind !== "waiting" || clock.now() - lastNudgeMs < nudgeIntervalMs) return;
      lastNudgeMs = clock.now();
      start();
    },
    grantsChanged() {
      // What is being tried was signed with what was known before.
      if (attempt) grantsAreNew = true;
      else tryAgainWithGrants();
    },
    distrust() {
      cancelTimer();
      letGo("key_changed");
      wanted = true;
      enter({ kind: "refused", reason: "key_changed" });
    },
    linkUp(id) {
      linkId = id;
      start();
      if (grantsAreNew) tryAgainWithGrants();
    },
    linkDown() {
      linkId = undefined;
      cancelTimer();
      letGo("link_lost");
      if (state.kind === "open" || state.kind === "waiting" || state.kind === "opening") {
        // The link's own state tells when it is dialled next.
        enter({ kind: "waiting", retryAtMs: options.nowMs(), reason: "link_lost" });
      }
    },
    wake() {
      if (state.kind !== "waiting") return;
      delay.reset();
      start();
    },
    close() {
      isClosed = true;
      cancelTimer();
      letGo("closed");
    },
  };
}
