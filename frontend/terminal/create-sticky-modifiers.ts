import { createSignal } from "solid-js";
import type { StickyModifiers } from "./terminal-api.ts";

/** Ctrl and Alt of the key row: pressed once, they apply to the next key and let go. */
export function createStickyModifiers(): StickyModifiers & {
  take(): { ctrl: boolean; alt: boolean };
} {
  const [ctrl, setCtrl] = createSignal(false);
  const [alt, setAlt] = createSignal(false);
  return {
    ctrl,
    alt,
    toggleCtrl: () => setCtrl((on) => !on),
    toggleAlt: () => setAlt((on) => !on),
    take() {
      const taken = { ctrl: ctrl(), alt: alt() };
      setCtrl(false);
      setAlt(false);
      return taken;
    },
  };
}
