import type { Clock } from "./platform.ts";

export interface ManualClock extends Clock {
  /** Lets time pass; timers run at their own moment, in order, those that they set included. */
  advance(ms: number): void;
  /** As for a process that was stopped meanwhile: what became due runs late, once, at the new time. */
  jump(ms: number): void;
  /** Timers that wait. */
  readonly waiting: number;
}

/** A clock that moves only when a test says so. */
export function makeManualClock(startMs = 0): ManualClock {
  let nowMs = startMs;
  let order = 0;
  const timers = new Map<number, { readonly atMs: number; readonly run: () => void }>();

  function nextDue(untilMs: number): number | null {
    let found: number | null = null;
    let foundAtMs = Infinity;
    for (const [id, timer] of timers) {
      if (timer.atMs <= untilMs && timer.atMs < foundAtMs) {
        found = id;
        foundAtMs = timer.atMs;
      }
    }
    return found;
  }

  return {
    now: () => nowMs,
    after(ms, run) {
      const id = order++;
      timers.set(id, { atMs: nowMs + Math.max(ms, 0), run });
      return () => timers.delete(id);
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        const id = nextDue(untilMs);
        const timer = id === null ? undefined : timers.get(id);
        if (id === null || !timer) break;
        timers.delete(id);
        nowMs = timer.atMs;
        timer.run();
      }
      nowMs = untilMs;
    },
    jump(ms) {
      nowMs += ms;
      const due = [...timers].filter(([, timer]) => timer.atMs <= nowMs);
      for (const [id, timer] of due.toSorted(([, a], [, b]) => a.atMs - b.atMs)) {
        if (timers.delete(id)) timer.run();
      }
    },
    get waiting() {
      return timers.size;
    },
  };
}
