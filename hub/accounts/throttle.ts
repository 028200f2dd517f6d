import type { Clock } from "@leapmux/shared/platform/platform.ts";

/**
 * A delay that grows with every failure under a key: the first few cost nothing, then one second, doubling
 * up to five minutes; an hour without a failure forgets. Bounded: when too many keys are known, the one that
 * failed longest ago is forgotten.
 *
 * Whoever may lock out whom follows from the keys. An account alone must never be one: any stranger could
 * keep its owner out with wrong passwords. `makeLogInThrottle` combines account and address so that this
 * cannot happen; other callers use the id of somebody who is logged in already.
 *
 * Call `failed` before the slow part of a check and `succeeded` after it, or many tries at once all pass.
 */
export interface Throttle {
  /** How long to wait until the next try, ms; 0: now. The longest of all keys. */
  check(keys: readonly string[]): number;
  failed(keys: readonly string[]): void;
  /** Forgets the failures of these keys. Leave out keys that others share. */
  succeeded(keys: readonly string[]): void;
  /** Takes one failure back, for a key that others share. */
  takeBack(keys: readonly string[]): void;
  /** Takes back one that was no try, because nothing was looked at. The delay of the others stays. */
  withdraw(keys: readonly string[]): void;
  failures(key: string): number;
}

interface Entry {
  readonly failures: number;
  readonly failedAtMs: number;
  readonly blockedUntilMs: number;
}

const mostDelayMs = 5 * 60_000;
const forgetMs = 60 * 60_000;

export function makeThrottle(options: {
  readonly clock: Pick<Clock, "now">;
  /** Failures without a delay. Asked at each use. */
  readonly freeFailures?: number;
  /** Of the first failure that costs something, ms. */
  readonly firstDelayMs?: number;
  readonly maxKeys?: number;
}): Throttle {
  const { clock, firstDelayMs = 1_000, maxKeys = 20_000 } = options;
  /** In the order of the last failure. */
  const entries = new Map<string, Entry>();

  function find(key: string): Entry | undefined {
    const entry = entries.get(key);
    if (entry === undefined || clock.now() - entry.failedAtMs < forgetMs) return entry;
    entries.delete(key);
    return undefined;
  }

  function delayAfter(failures: number): number {
    const { freeFailures = 3 } = options;
    if (failures <= freeFailures) return 0;
    return Math.min(firstDelayMs * 2 ** (failures - freeFailures - 1), mostDelayMs);
  }

  function lessen(
    keys: readonly string[],
    blockedUntil: (left: Pick<Entry, "failures" | "failedAtMs">) => number,
  ): void {
    for (const key of keys) {
      const entry = find(key);
      if (entry === undefined) continue;
      const left = { ...entry, failures: entry.failures - 1 };
      if (left.failures === 0) entries.delete(key);
      else entries.set(key, { ...left, blockedUntilMs: blockedUntil(left) });
    }
  }

  return {
    check(keys) {
      const waits = keys.map((key) => (find(key)?.blockedUntilMs ?? 0) - clock.now());
      return Math.ceil(Math.max(0, ...waits));
    },

    failed(keys) {
      const nowMs = clock.now();
      for (const key of keys) {
        const failures = (find(key)?.failures ?? 0) + 1;
        entries.delete(key);
        entries.set(key, {
          failures,
          failedAtMs: nowMs,
          blockedUntilMs: nowMs + delayAfter(failures),
        });
      }
      for (const oldest of entries.keys()) {
        if (entries.size <= maxKeys) break;
        entries.delete(oldest);
      }
    },

    succeeded(keys) {
      for (const key of keys) entries.delete(key);
    },

    takeBack: (keys) => lessen(keys, () => 0),

    withdraw: (keys) =>
      lessen(keys, ({ failures, failedAtMs }) => failedAtMs + delayAfter(failures)),

    failures: (key) => find(key)?.failures ?? 0,
  };
}
