import type { HandlerContext } from "@connectrpc/connect";
import type { AccountParts } from "../account-parts.ts";
import { placeOf } from "../call-place.ts";
import { refuse } from "../refusal.ts";

/** Strangers may begin something that costs memory or a hash only so often. */
export function requireStart({ starts }: AccountParts, context: HandlerContext): void {
  const retryAfterMs = starts.take(placeOf(context).address);
  if (retryAfterMs > 0) throw refuse("throttled", undefined, retryAfterMs);
}
