import type { Clock } from "../platform/platform.ts";

/**
 * How often somebody may have something expensive done: a bucket of tokens for each key, refilled evenly.
 * A key costs memory only while its bucket is not full.
 */
export interface TokenBuckets {
  /** Zero: go ahead, a token is taken. Else how long to wait for one, ms. */
  take(key: string): number;
  /** One that was taken and bought nothing. */
  giveBack(key: string): void;
  /** Keys that are remembered. */
  readonly size: number;
}

export function makeTokenBuckets(options: {
  readonly clock: Clock;
  /** Both asked at each use, so that whoever made it may change them. */
  readonly burst: number;
  readonly perMinute: number;
  /** Beyond, whoever took one longest ago is forgotten: for keys that somebody else chooses. */
  readonly maxKeys?: number;
}): TokenBuckets {
  const { clock, maxKeys = Infinity } = options;
  // Those that took one longest ago come first.
  const buckets = new Map<string, { readonly tokens: number; readonly atMs: number }>();

  const perMs = (): number => options.perMinute / 60_000;

  function tokensOf(key: string, nowMs: number): number {
    const { burst } = options;
    const bucket = buckets.get(key);
    return bucket ? Math.min(burst, bucket.tokens + (nowMs - bucket.atMs) * perMs()) : burst;
  }

  return {
    take(key) {
      const atMs = clock.now();
      const tokens = tokensOf(key, atMs);
      if (tokens < 1) return Math.ceil((1 - tokens) / perMs());
      buckets.delete(key);
      buckets.set(key, { tokens: tokens - 1, atMs });
      for (const oldest of buckets.keys()) {
        if (buckets.size <= maxKeys && tokensOf(oldest, atMs) < options.burst) break;
        buckets.delete(oldest);
      }
      return 0;
    },
    giveBack(key) {
      const bucket = buckets.get(key);
      // Its place in the order stays: it tells when the last one was taken.
      if (bucket !== undefined) buckets.set(key, { ...bucket, tokens: bucket.tokens + 1 });
    },
    get size() {
      return buckets.size;
    },
  };
}
