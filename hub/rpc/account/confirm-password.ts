import type { HandlerContext } from "@connectrpc/connect";
import type { UserRow } from "../../store/schema.ts";
import type { AccountParts } from "../account-parts.ts";
import { placeOf } from "../call-place.ts";
import { principalOf } from "../call-principal.ts";
import { requireShort } from "../check-request.ts";
import { refuse } from "../refusal.ts";

export async function requireAccount(
  { users }: Pick<AccountParts, "users">,
  context: HandlerContext,
): Promise<UserRow> {
  const user = await users.find(principalOf(context).userId);
  // It went while the call was under way.
  if (user === undefined) throw refuse("credential_revoked");
  return user;
}

/**
 * The password again, before anything changes how one logs in: a login that somebody left open must not be
 * enough. An account without a password has none to ask for.
 */
export async function confirmPassword(
  parts: Pick<AccountParts, "users" | "passwords">,
  context: HandlerContext,
  password: string,
): Promise<UserRow> {
  const user = await requireAccount(parts, context);
  if (user.password_hash === null) return user;
  const checked = await parts.passwords.again(
    user.user_id,
    requireShort(password, "password"),
    placeOf(context).address,
  );
  if (checked.ok) return checked.user;
  if (checked.reason === "throttled") throw refuse("throttled", undefined, checked.retryAfterMs);
  throw refuse("wrong_password");
}
