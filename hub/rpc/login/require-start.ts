import type { TokenBuckets } from "@leapmux/shared/limits/token-buckets.ts";
import type { HandlerContext } from "@connectrpc/connect";
import { networkOf } from "../../accounts/network-of.ts";
import { placeOf } from "../call-place.ts";
import { refuse } from "../refusal.ts";

/** Strangers may begin something that costs memory or a hash only so often. */
export function requireStart(buckets: TokenBuckets, context: HandlerContext): void {
  const retryAfterMs = buckets.take(networkOf(placeOf(context).address));
  if (retryAfterMs > 0) throw refuse("throttled", undefined, retryAfterMs);
}
