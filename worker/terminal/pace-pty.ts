import type { Clock } from "@leapmux/shared/platform/platform.ts";

/** A view that follows the output. */
export interface PacedView {
  /** Bytes of output that it has not taken yet. */
  lagBytes(): number;
}

export interface PtyPacer {
  add(view: PacedView): void;
  remove(view: PacedView): void;
  /** After output came, was taken by a view or was worked in by the screen. */
  update(): void;
  stop(): void;
  readonly isPaused: boolean;
}

export const pacing = {
  /** A view may be so far behind before the PTY waits for it, and so near before it goes on. */
  highLagBytes: 256 * 1024,
  lowLagBytes: 128 * 1024,
  /** The same for the screen of the worker itself. */
  highBacklogBytes: 1024 * 1024,
  lowBacklogBytes: 256 * 1024,
  /** How long others wait for a view that does not come nearer. */
  patienceMs: 5_000,
};

/**
 * Stops the PTY at its source while somebody is too far behind, so that no memory grows (protocol §5.6;
 * docs/adr/0004-terminal-pacing.md). The slowest view sets the pace; one that keeps others waiting for
 * `patienceMs` is let fall behind and sets no pace until it has caught up.
 *
 *   running ─ somebody beyond high ─→ paused ─ everybody within low ─→ running
 *                                       └─ patience over, others wait: let the slow ones go
 */
export function makePtyPacer(options: {
  readonly clock: Clock;
  readonly backlogBytes: () => number;
  readonly pause: () => void;
  readonly resume: () => void;
}): PtyPacer {
  const { clock, backlogBytes, pause, resume } = options;
  const views = new Set<PacedView>();
  const letGo = new Set<PacedView>();
  let isPaused = false;
  let cancelPatience: (() => void) | null = null;

  function largestLag(): number {
    let largest = 0;
    for (const view of views) {
      const lag = view.lagBytes();
      if (letGo.has(view)) {
        if (lag > pacing.lowLagBytes) continue;
        letGo.delete(view);
      }
      if (lag > largest) largest = lag;
    }
    return largest;
  }

  function losePatience(): void {
    cancelPatience = null;
    const slow = [...views].filter((view) => view.lagBytes() > pacing.lowLagBytes);
    // Alone, or all alike: then the program waits, as it would for any terminal.
    if (slow.length < views.size) for (const view of slow) letGo.add(view);
    update();
    if (isPaused) wait();
  }

  function wait(): void {
    cancelPatience ??= clock.after(pacing.patienceMs, losePatience);
  }

  function update(): void {
    const lag = largestLag();
    const backlog = backlogBytes();
    if (!isPaused && (lag > pacing.highLagBytes || backlog > pacing.highBacklogBytes)) {
      isPaused = true;
      pause();
      wait();
    } else if (isPaused && lag <= pacing.lowLagBytes && backlog <= pacing.lowBacklogBytes) {
      isPaused = false;
      cancelPatience?.();
      cancelPatience = null;
      resume();
    }
  }

  return {
    add(view) {
      views.add(view);
      update();
    },
    remove(view) {
      views.delete(view);
      letGo.delete(view);
      update();
    },
    update,
    stop() {
      cancelPatience?.();
      cancelPatience = null;
    },
    get isPaused() {
      return isPaused;
    },
  };
}
