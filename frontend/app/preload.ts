import { preloadMenu } from "../ui/menu.tsx";
import { loadDialogs } from "./dialog-host.tsx";

/** Fetches what the first terminal did not need, once the page has nothing else to do. */
export function preloadWhenIdle(): () => void {
  const run = () => {
    preloadMenu();
    for (const load of loadDialogs) void load().catch(() => {});
  };
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
