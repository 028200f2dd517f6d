import type { Clock } from "@leapmux/shared/platform/platform.ts";

/**
 * How often a user may have a worker do the expensive half of a handshake: a bucket of tokens each,
 * refilled evenly.
 */
export interface OpeningRate {
  /** Zero: go ahead. Else how long to wait, ms. */
  take(userId: string): number;
}

export function makeOpeningRate(options: {
  readonly clock: Clock;
  readonly burst: number;
  readonly perMinute: number;
}): OpeningRate {
  const { clock, burst, perMinute } = options;
  const perMs = perMinute / 60_000;
  const buckets = new Map<string, { tokens: number; atMs: number }>();

  return {
    take(userId) {
      const atMs = clock.now();
      const former = buckets.get(userId);
      const tokens =
        former === undefined
          ? burst
          : Math.min(burst, former.tokens + (atMs - former.atMs) * perMs);
      if (tokens < 1) return Math.ceil((1 - tokens) / perMs);
      // Oldest last use first, so that those at the front are full again and can go.
      buckets.delete(userId);
      buckets.set(userId, { tokens: tokens - 1, atMs });
      for (const [id, bucket] of buckets) {
        if (bucket.tokens + (atMs - bucket.atMs) * perMs < burst) break;
        buckets.delete(id);
      }
      return 0;
    },
  };
}
