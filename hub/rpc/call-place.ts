import {
  createContextKey,
  createContextValues,
  type ContextValues,
  type HandlerContext,
} from "@connectrpc/connect";
import type { LogInPlace } from "../accounts/open-login.ts";

const addressKey = createContextKey("");

/** What a call carries of the connection that it came by. */
export function placeValues(address: string): ContextValues {
  return createContextValues().set(addressKey, address);
}

export function addressIn(values: ContextValues): string {
  return values.get(addressKey);
}

const maxUserAgentLength = 256;

/** Where a call came from: a hint for people, and what guessing is counted by. */
export function placeOf(context: HandlerContext): LogInPlace {
  const userAgent = context.requestHeader.get("user-agent") ?? "";
  return {
    address: context.values.get(addressKey),
    userAgent: userAgent
      .slice(0, maxUserAgentLength)
      // It is shown in lists: nothing that steers a terminal or turns text around.
      .replaceAll(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, ""),
    isCli: false,
  };
}
