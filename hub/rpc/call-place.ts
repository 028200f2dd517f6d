import {
  createContextKey,
  createContextValues,
  type ContextValues,
  type HandlerContext,
} from "@connectrpc/connect";
import type { LogInPlace } from "../accounts/open-login.ts";

const addressKey = createContextKey("");
const cutKey = createContextKey<() => void>(() => undefined);

/** What a call carries of the connection that it came by: from where, and how to end it from this side. */
export function placeValues(address: string, cut: () => void): ContextValues {
  return createContextValues().set(addressKey, address).set(cutKey, cut);
}

/** Ends a call whose answer nobody takes; in the hub's own process there is nothing to end. */
export function cutOf(context: HandlerContext): () => void {
  return context.values.get(cutKey);
}

export function addressIn(values: ContextValues): string {
  return values.get(addressKey);
}

const maxUserAgentLength = 256;

/** Where a call came from: a hint for people, and what guessing is counted by. */
export function placeOf(context: HandlerContext): LogInPlace {
  const userAgent = context.requestHeader.get("user-agent") ?? "";
  return placeFrom(context.values.get(addressKey), userAgent);
}

export function placeFrom(address: string, userAgent: string): LogInPlace {
  return {
    address,
    userAgent: userAgent
      .slice(0, maxUserAgentLength)
      // It is shown in lists: nothing that steers a terminal or turns text around.
      .replaceAll(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, ""),
    isCli: false,
  };
}
