import type { TokenBuckets } from "@leapmux/shared/limits/token-buckets.ts";
import type { HandlerContext } from "@connectrpc/connect";
import type { TurnCaller } from "../../accounts/fair-turns.ts";
import { networkOf } from "../../accounts/network-of.ts";
import { placeOf } from "../call-place.ts";
import { refuse } from "../refusal.ts";

/**
 * Strangers may begin something that costs memory or a hash only so often. What is returned takes the start
 * back, for when the hub was too busy to do anything for it.
 */
export function requireStart(buckets: TokenBuckets, context: HandlerContext): () => void {
  const { key } = strangerOf(context);
  const retryAfterMs = buckets.take(key);
  if (retryAfterMs > 0) throw refuse("throttled", undefined, retryAfterMs);
  return () => buckets.giveBack(key);
}

export function strangerOf(context: HandlerContext): TurnCaller {
  return { kind: "network", key: networkOf(placeOf(context).address) };
}
