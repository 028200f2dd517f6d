import type { NextTurn } from "./take-turns.ts";

/** Turns that come once it is open: a snapshot stays in the middle until then. */
export interface Gate {
  readonly nextTurn: NextTurn;
  /** The first that waits. */
  readonly reached: Promise<void>;
  open(): void;
}

export function makeGate(): Gate {
  const reached = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  return {
    nextTurn() {
      reached.resolve();
      return opened.promise;
    },
    reached: reached.promise,
    open: opened.resolve,
  };
}
