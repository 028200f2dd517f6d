import { type Accessor, createSignal, onCleanup } from "solid-js";

/** The time of day, anew every `everyMs`; only where something shows it. */
export function createNow(everyMs: number): Accessor<number> {
  const [now, setNow] = createSignal(Date.now());
  const timer = setInterval(() => setNow(Date.now()), everyMs);
  onCleanup(() => clearInterval(timer));
  return now;
}
