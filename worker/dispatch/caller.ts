import { Code, ConnectError, createContextKey, type HandlerContext } from "@connectrpc/connect";
import type { Grant } from "@leapmux/shared/devices/grant.ts";
import type { DeviceScope } from "@leapmux/shared/devices/scope.ts";

/** Who calls, as the claim inside the channel proved it (protocol §§5.1, 7). */
export interface Caller {
  readonly userId: string;
  /** Whose things the scope speaks of: the user of the root that vouched, which is somebody else where things are shared. */
  readonly ownerId: string;
  readonly scope: DeviceScope;
  /** `null` where the hub's word was taken. */
  readonly device: CallingDevice | null;
}

export interface CallingDevice {
  readonly deviceId: string;
  readonly publicKey: Uint8Array;
  /** From a root to this device; empty for a root. */
  readonly chain: readonly Grant[];
  /** Everything that the claim showed: others may be vouched for by it. */
  readonly shown: readonly Grant[];
}

export const callerKey = createContextKey<Caller | null>(null, { description: "proven caller" });

/** Every handler asks, and refuses where there is none. */
export function readCaller(context: Pick<HandlerContext, "values">): Caller {
  const caller = context.values.get(callerKey);
  if (!caller) throw new ConnectError("user ID not verified", Code.Unauthenticated);
  return caller;
}

/** As the hub says, where it is trusted with that: everything of its user. */
export function makeAnnouncedCaller(userId: string): Caller {
  return { userId, ownerId: userId, scope: { kind: "full" }, device: null };
}
