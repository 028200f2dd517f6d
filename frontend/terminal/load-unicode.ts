import type { Terminal } from "@xterm/xterm";
import { later } from "../ui/later.ts";

/**
 * The widths of characters as the worker's own terminal knows them (Unicode 11). The tables are large
 * and plain text needs none of them: they are here before the first output that may.
 */
const loadTables = later(() => import("@xterm/addon-unicode11"));
/** From one that failed to the next try, ms: output does not wait for each. */
const retryAfterMs = 10_000;

export function makeUnicodeLoader(term: Terminal): (data: Uint8Array) => Promise<void> | undefined {
  let loading: Promise<void> | undefined;
  let loaded = false;
  let retryAtMs = 0;

  async function load(): Promise<void> {
    const { Unicode11Addon } = await loadTables();
    term.loadAddon(new Unicode11Addon());
    term.unicode.activeVersion = "11";
    loaded = true;
  }

  return (data) => {
    if (loaded || !mayBeWide(data) || performance.now() < retryAtMs) return undefined;
    // Without the tables a few characters are drawn too narrow; the output itself goes on.
    loading ??= load().catch(() => {
      loading = undefined;
      retryAtMs = performance.now() + retryAfterMs;
    });
    return loading;
  };
}

/** Below U+0300 every character has one cell; UTF-8 writes the others with a byte from 0xCC on. */
export function mayBeWide(data: Uint8Array): boolean {
  for (const byte of data) if (byte >= 0xcc) return true;
  return false;
}
