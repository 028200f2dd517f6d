import type { Clock } from "@leapmux/shared/platform/platform.ts";
import type { WorkerLimits } from "../config/worker-limits.ts";

export interface Heartbeat {
  /** Something left for the hub. */
  sent(): void;
  /** Something came from the hub. */
  heard(): void;
  stop(): void;
}

/** Beats where we were silent, and calls `dead` once when the hub was. */
export function keepHeartbeat(options: {
  readonly clock: Clock;
  readonly limits: WorkerLimits;
  readonly beat: () => void;
  readonly dead: () => void;
}): Heartbeat {
  const { clock, limits, beat, dead } = options;
  let sentAtMs = clock.now();
  let heardAtMs = clock.now();
  let stopped = false;
  let checkedAtMs = clock.now();
  let cancel = clock.after(limits.heartbeatCheckMs, check);

  function check(): void {
    const nowMs = clock.now();
    // A process that slept (laptop, SIGSTOP) hears first and judges at the next check.
    const slept = nowMs - checkedAtMs > 2 * limits.heartbeatCheckMs;
    checkedAtMs = nowMs;
    if (!slept && nowMs - heardAtMs >= limits.linkDeadMs) {
      stopped = true;
      dead();
      return;
    }
    if (nowMs - sentAtMs >= limits.heartbeatIdleMs) {
      sentAtMs = nowMs;
      beat();
    }
    cancel = clock.after(limits.heartbeatCheckMs, check);
  }

  return {
    sent() {
      sentAtMs = clock.now();
    },
    heard() {
      heardAtMs = clock.now();
    },
    stop() {
      if (!stopped) cancel();
      stopped = true;
    },
  };
}
