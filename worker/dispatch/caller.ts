import { Code, ConnectError, createContextKey, type HandlerContext } from "@connectrpc/connect";

/** Who calls, as the claim inside the channel proved it (protocol §5.1). */
export const callerKey = createContextKey<string>("", { description: "claimed user id" });

/** The user whose things a handler may touch. Every handler asks, and refuses where there is none. */
export function readCaller(context: Pick<HandlerContext, "values">): string {
  const userId = context.values.get(callerKey);
  if (userId === "") throw new ConnectError("user ID not verified", Code.Unauthenticated);
  return userId;
}
