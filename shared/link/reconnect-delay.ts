import type { Clock, Random } from "../platform/platform.ts";

const firstDelayMs = 1_000;
const maxDelayMs = 180_000;
const spread = 0.2;
const stableAfterMs = 30_000;

export interface ReconnectDelay {
  /** The link is up. */
  connected(): void;
  /** The link went down or could not be made: how long to wait before the next try, ms. */
  next(): number;
  /** The other side asked for this wait before the next try; honoured once. */
  goingAway(retryAfterMs: number): void;
  /** The way is known to be clear (the network came back, a person asked): the next delay is the first one. */
  reset(): void;
}

/** 1 s to 180 s, doubling, ±20 %; from the start again after a link that stood for 30 s. */
export function makeReconnectDelay(options: {
  readonly random: Random;
  readonly clock: Clock;
}): ReconnectDelay {
  const { random, clock } = options;
  let delayMs = firstDelayMs;
  let upSinceMs: number | null = null;
  let askedMs: number | null = null;

  function spreadOut(ms: number): number {
    const [high = 0, low = 0] = random(2);
    const part = ((high << 8) | low) / 65_535;
    return Math.round(ms * (1 - spread + 2 * spread * part));
  }

  function reset(): void {
    delayMs = firstDelayMs;
    askedMs = null;
  }

  return {
    connected() {
      upSinceMs = clock.now();
    },
    next() {
      if (upSinceMs !== null && clock.now() - upSinceMs >= stableAfterMs) delayMs = firstDelayMs;
      upSinceMs = null;
      if (askedMs !== null) {
        // Spread upwards only: nobody comes back earlier than asked.
        const asked = askedMs + Math.abs(spreadOut(askedMs) - askedMs);
        askedMs = null;
        return asked;
      }
      const delay = spreadOut(delayMs);
      delayMs = Math.min(delayMs * 2, maxDelayMs);
      return delay;
    },
    goingAway(retryAfterMs) {
      askedMs = Math.min(Math.max(retryAfterMs, 0), maxDelayMs);
    },
    reset,
  };
}
