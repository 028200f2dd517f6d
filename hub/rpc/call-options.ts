import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import type { Authenticator } from "../accounts/authenticator.ts";
import type { HubLog } from "../ops/hub-log.ts";
import { admitAnybody, askAgain, requireAdmin, requirePrincipal } from "./call-principal.ts";
import { refuse } from "./refusal.ts";

export interface CallGuards {
  readonly authenticator: Authenticator;
  readonly log: HubLog;
  /** How long whoever calls may wait for the next hub; null while this one takes calls. */
  readonly goingAwayMs: () => number | null;
  readonly maxControlBytes: number;
}

const gates = { anybody: admitAnybody, known: requirePrincipal, admin: requireAdmin } as const;

/** How the calls of a service are guarded: who is asked for before the body is read, how large it may be. */
export function callOptions(guards: CallGuards, gate: keyof typeof gates) {
  const { authenticator, log, goingAwayMs, maxControlBytes } = guards;
  return {
    requestGate: gates[gate](authenticator),
    readMaxBytes: maxControlBytes,
    interceptors: [
      hideInternals(log),
      refuseWhileStopping(goingAwayMs),
      askAgain(authenticator, gate),
    ],
  };
}

/** What is not a refusal of ours is a fault of ours: logged without contents, and no word of it outside. */
export function hideInternals(log: HubLog): Interceptor {
  return (next) => async (request) => {
    try {
      return await next(request);
    } catch (error) {
      if (error instanceof ConnectError) throw error;
      log.failure("call failed", error, { method: request.method.name });
      throw new ConnectError("the hub failed: its log says where", Code.Internal);
    }
  };
}

export function refuseWhileStopping(goingAwayMs: CallGuards["goingAwayMs"]): Interceptor {
  return (next) => (request) => {
    const retryAfterMs = goingAwayMs();
    if (retryAfterMs !== null) throw refuse("going_away", undefined, retryAfterMs);
    return next(request);
  };
}
