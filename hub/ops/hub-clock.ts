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

/**
 * Runs again and again until stopped. One missed beat is not made up for. `isLate`: this process was stopped
 * (laptop, SIGSTOP), so that nobody was heard; whoever judges silence hears first, until the next beat.
 */
export function every(clock: Clock, ms: number, run: (isLate: boolean) => void): () => void {
  let beatMs = clock.now();
  let cancel = clock.after(ms, beat);
  function beat(): void {
    const isLate = clock.now() - beatMs > 2 * ms;
    beatMs = clock.now();
    cancel = clock.after(ms, beat);
    run(isLate);
  }
  return () => cancel();
}
