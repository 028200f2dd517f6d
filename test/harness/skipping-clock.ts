/**
 * Real time that can be skipped: timers run as always, and `skip` makes all of them that much older at
 * once. For what happens after an hour, in parts that otherwise live in real time.
 */
import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "@leapmux/shared/platform/platform.ts";

export interface SkippingClock extends Clock {
  /** In steps, with turns of the event loop in between, so that heartbeats keep up. */
  skip(ms: number, stepMs?: number, afterStep?: () => Promise<void>): Promise<void>;
}

export function makeSkippingClock(): SkippingClock {
  const timers = new Set<{ dueAtMs: number; run: () => void; handle: NodeJS.Timeout }>();
  let skippedMs = 0;
  const now = (): number => performance.now() + skippedMs;
  return {
    now,
    after(ms, run) {
      const timer = {
        dueAtMs: now() + ms,
        run,
        handle: setTimeout(
          () => {
            timers.delete(timer);
            run();
          },
          Math.min(ms, 2 ** 31 - 1),
        ),
      };
      timers.add(timer);
      return () => {
        clearTimeout(timer.handle);
        timers.delete(timer);
      };
    },
    async skip(ms, stepMs = ms, afterStep) {
      for (let left = ms; left > 0; left -= stepMs) {
        skippedMs += Math.min(stepMs, left);
        for (const timer of [...timers].toSorted((a, b) => a.dueAtMs - b.dueAtMs)) {
          if (timer.dueAtMs > now() || !timers.delete(timer)) continue;
          clearTimeout(timer.handle);
          timer.run();
        }
        await (afterStep?.() ?? turn());
      }
    },
  };
}
