import { createContextKey, createContextValues, type HandlerContext } from "@connectrpc/connect";
import type { ContextValues } from "@connectrpc/connect";

/** Where a call came from, as the hub saw it: hints for people, proof of nothing. */

const addressKey = createContextKey("");
const maxUserAgentLength = 256;

export function callSource(address: string | undefined): ContextValues {
  return createContextValues().set(addressKey, address?.replace(/^::ffff:/, "") ?? "");
}

/** Empty for a call in this process. */
export function callerAddressOf(context: HandlerContext): string {
  return context.values.get(addressKey);
}

/** Shown in lists, so without anything that steers a terminal or turns text around. */
export function userAgentOf(context: HandlerContext): string {
  const text = context.requestHeader.get("user-agent") ?? "";
  return text.replaceAll(/[^\x20-\x7e]/g, "").slice(0, maxUserAgentLength);
}
