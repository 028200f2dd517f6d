import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import type { Authenticator } from "../accounts/authenticator.ts";
import type { AuditLog } from "../audit/audit-log.ts";
import type { HubLog } from "../ops/hub-log.ts";
import type { HubMetrics } from "../ops/hub-metrics.ts";
import { auditCalls, auditGate } from "./audit/audit-calls.ts";
import { admitAnybody, askAgain, requireAdmin, requirePrincipal } from "./call-principal.ts";
import { followStream } from "./follow-stream.ts";
import { refuse } from "./refusal.ts";
import { traceCalls } from "./trace-calls.ts";

export interface CallGuards {
  readonly authenticator: Authenticator;
  readonly log: HubLog;
  /** How long whoever calls may wait for the next hub; null while this one takes calls. */
  readonly goingAwayMs: () => number | null;
  readonly maxControlBytes: number;
  readonly audit: AuditLog;
  readonly metrics: HubMetrics | null;
}

const gates = { anybody: admitAnybody, known: requirePrincipal, admin: requireAdmin } as const;

/** How the calls of a service are guarded: who is asked for before the body is read, how large it may be. */
export function callOptions(guards: CallGuards, gate: keyof typeof gates) {
  const { authenticator, log, goingAwayMs, maxControlBytes, audit, metrics } = guards;
  const requestGate = gates[gate](authenticator);
  return {
    requestGate: gate === "admin" ? auditGate(audit, requestGate) : requestGate,
    readMaxBytes: maxControlBytes,
    interceptors: [
      traceCalls(metrics),
      hideInternals(log),
      refuseWhileStopping(goingAwayMs),
      askAgain(authenticator, gate),
      auditCalls(audit, gate),
    ],
  };
}

/** What is not a refusal of ours is a fault of ours: logged without contents, and no word of it outside. */
export function hideInternals(log: HubLog): Interceptor {
  return (next) => async (request) => {
    const hide = (error: unknown): never => {
      if (error instanceof ConnectError) throw error;
      log.failure("call failed", error, { method: request.method.name });
      throw new ConnectError("the hub failed: its log says where", Code.Internal);
    };
    const response = await next(request).catch(hide);
    if (!response.stream) return response;
    const message = followStream(response.message, request.signal, (end) => {
      if (end.kind === "failed") hide(end.error);
    });
    return { ...response, message };
  };
}

export function refuseWhileStopping(goingAwayMs: CallGuards["goingAwayMs"]): Interceptor {
  return (next) => (request) => {
    const retryAfterMs = goingAwayMs();
    if (retryAfterMs !== null) throw refuse("going_away", undefined, retryAfterMs);
    return next(request);
  };
}
