import { loadParts } from "../ui/later.ts";

/** Brings the parts that are not here yet, once the page has nothing else to do. Returns its end. */
export function loadWhenIdle(): () => void {
  const run = () => void loadParts();
  // Safari has no idle callback.
  if (typeof requestIdleCallback !== "function") {
    const timer = setTimeout(run, 2500);
    return () => clearTimeout(timer);
  }
  let idle = 0;
  // Not in the first moments: idle then only means waiting for the worker's signature.
  const timer = setTimeout(() => (idle = requestIdleCallback(run, { timeout: 5000 })), 1500);
  return () => {
    clearTimeout(timer);
    cancelIdleCallback(idle);
  };
}
