import { createContextKey, type HandlerContext, type Interceptor } from "@connectrpc/connect";
import type { Authenticator, Principal } from "../accounts/authenticator.ts";
import { refuse } from "./refusal.ts";

const principalKey = createContextKey<Principal | null>(null);

/** The gate before every control call: without a principal the body is not even read. */
export function requirePrincipal(authenticator: Authenticator) {
  return async (context: HandlerContext): Promise<void> => {
    const principal = await authenticator.authenticate(context.requestHeader);
    if (principal === null) {
      const hasExpired = await authenticator.hasExpired(context.requestHeader);
      throw refuse(hasExpired ? "login_expired" : "unauthenticated");
    }
    context.values.set(principalKey, principal);
  };
}

/** Before calls that are answered for everybody, and say more to who is known. */
export function admitAnybody(authenticator: Authenticator) {
  return async (context: HandlerContext): Promise<void> => {
    context.values.set(principalKey, await authenticator.authenticate(context.requestHeader));
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
    request.contextValues.set(principalKey, renewed);
    return next(request);
  };
}

/** Null: nobody who is known. Only behind `admitAnybody`. */
export function callerOf(context: HandlerContext): Principal | null {
  return context.values.get(principalKey);
}

export function principalOf(context: HandlerContext): Principal {
  const principal = context.values.get(principalKey);
  if (principal === null) throw refuse("unauthenticated");
  return principal;
}
