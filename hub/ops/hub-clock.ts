import type { Clock } from "@leapmux/shared/platform/platform.ts";

/** The clock for distances, and beside it the time of day for what is stored and shown. */
export interface HubClock extends Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  wallMs(): number;
}

export const systemClock: HubClock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  wallMs: () => Date.now(),
};

/** Runs again and again until stopped. One missed beat is not made up for. */
export function every(clock: Clock, ms: number, run: () => void): () => void {
  let cancel = clock.after(ms, beat);
  function beat(): void {
    cancel = clock.after(ms, beat);
    run();
  }
  return () => cancel();
}
