import type { DescMethod } from "@bufbuild/protobuf";
import {
  createContextKey,
  type ContextValues,
  type HandlerContext,
  type Interceptor,
} from "@connectrpc/connect";
import { isConsole } from "../accounts/console-authenticator.ts";
import type { Authenticator, Principal } from "../accounts/authenticator.ts";
import { isSolo } from "../accounts/solo-authenticator.ts";
import { placeOf } from "./call-place.ts";
import { mayCall, needOf } from "./method-needs.ts";
import { refuse } from "./refusal.ts";

const principalKey = createContextKey<Principal | null>(null);

/** The gate before every control call: without a principal the body is not even read. */
export function requirePrincipal(authenticator: Authenticator) {
  return async (context: HandlerContext): Promise<void> => {
    const principal = await findCaller(authenticator, context);
    if (principal === null) {
      const hasExpired = await authenticator.hasExpired(context.requestHeader);
      throw refuse(hasExpired ? "login_expired" : "unauthenticated");
    }
    requireScope(principal, context.method);
    context.values.set(principalKey, principal);
  };
}

/** Null: nobody who is known. Throws where nothing more is looked at for a while. */
async function findCaller(
  authenticator: Authenticator,
  context: HandlerContext,
): Promise<Principal | null> {
  const { address } = placeOf(context);
  const principal = await authenticator.authenticate(context.requestHeader, address);
  if (principal !== null) return principal;
  const waitMs = authenticator.retryAfterMs?.(context.requestHeader, address) ?? 0;
  if (waitMs > 0) throw refuse("throttled", undefined, waitMs);
  return null;
}

/** An API token calls what its scopes name; everybody else is asked by the gates alone. */
function requireScope(principal: Principal, method: DescMethod): void {
  if (mayCall(principal, method)) return;
  const need = needOf(method);
  throw refuse(
    "scope_required",
    need === undefined || need === "login"
      ? "no token may do that: log in"
      : `this token lacks the scope ${need}: use one that has it`,
  );
}

/** Before calls that are answered for everybody, and say more to who is known. */
export function admitAnybody(authenticator: Authenticator) {
  return async (context: HandlerContext): Promise<void> => {
    context.values.set(principalKey, await findCaller(authenticator, context));
  };
}

export function requireAdmin(authenticator: Authenticator) {
  return async (context: HandlerContext): Promise<void> => {
    await requirePrincipal(authenticator)(context);
    if (principalOf(context).role !== "admin") throw refuse("admin_required");
  };
}

/**
 * The gates ask before the body is read, and whoever calls decides how long its body takes. So once it is
 * there they are asked again: what has ended acts no more, and a role is the one of now.
 */
export function askAgain(
  authenticator: Authenticator,
  gate: "anybody" | "known" | "admin",
): Interceptor {
  return (next) => async (request) => {
    const principal = request.contextValues.get(principalKey);
    const renewed = principal && (await authenticator.renew(principal));
    if (gate !== "anybody" && renewed === null) throw refuse("credential_revoked");
    if (gate === "admin" && renewed?.role !== "admin") throw refuse("admin_required");
    if (renewed !== null) requireScope(renewed, request.method);
    request.contextValues.set(principalKey, renewed);
    return next(request);
  };
}

/** Null: nobody who is known. Only behind `admitAnybody`. */
export function callerOf(context: HandlerContext): Principal | null {
  return callerIn(context.values);
}

export function callerIn(values: ContextValues): Principal | null {
  return values.get(principalKey);
}

export function principalOf(context: HandlerContext): Principal {
  const principal = context.values.get(principalKey);
  if (principal === null) throw refuse("unauthenticated");
  return principal;
}

/** Who acts upon others, as the store takes it: null is the console, or the admin of solo, who has no row. */
export function actingAdmin(context: HandlerContext): string | null {
  const principal = principalOf(context);
  return isConsole(principal) || isSolo(principal) ? null : principal.userId;
}
