import type { Clock } from "@leapmux/shared/platform/platform.ts";

/** What waits for its second half: kept in memory for five minutes, the oldest given up when there is too much. */
export interface ShortLived<T> {
  put(key: string, value: T): void;
  get(key: string): T | undefined;
  /** Gets it for the last time. */
  take(key: string): T | undefined;
}

const lifeMs = 5 * 60_000;

export function makeShortLived<T>(
  clock: Pick<Clock, "now">,
  { maxEntries }: { readonly maxEntries: number },
): ShortLived<T> {
  /** The oldest first. */
  const entries = new Map<string, { readonly value: T; readonly untilMs: number }>();

  function get(key: string): T | undefined {
    const entry = entries.get(key);
    return entry !== undefined && entry.untilMs > clock.now() ? entry.value : undefined;
  }

  return {
    put(key, value) {
      entries.delete(key);
      entries.set(key, { value, untilMs: clock.now() + lifeMs });
      for (const [oldest, { untilMs }] of entries) {
        if (entries.size <= maxEntries && untilMs > clock.now()) break;
        entries.delete(oldest);
      }
    },
    get,
    take(key) {
      const value = get(key);
      entries.delete(key);
      return value;
    },
  };
}
