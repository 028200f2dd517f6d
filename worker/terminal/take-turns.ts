import { setImmediate as nextImmediate } from "node:timers/promises";

/** Resolves when the event loop has looked after everything else. */
export type NextTurn = () => Promise<void>;

/** Of all that wait, one goes on in each turn of the event loop: many at once keep it no longer than one. */
export function makeTurns(): NextTurn {
  let last = Promise.resolve();
  return () => (last = last.then(() => nextImmediate()));
}
