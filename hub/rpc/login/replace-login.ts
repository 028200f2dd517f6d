import type { Principal } from "../../accounts/authenticator.ts";
import type { LogInPlace } from "../../accounts/open-login.ts";
import type { LoginBasis } from "../../store/logins.ts";
import type { UserRow } from "../../store/schema.ts";
import type { AccountParts } from "../account-parts.ts";

/** A login in a browser, in place of the one that it had. Null: the account changed since it was proven. */
export async function replaceLogin(
  parts: AccountParts,
  of: {
    readonly user: UserRow;
    readonly basis: LoginBasis;
    readonly place: LogInPlace;
    /** Whose cookie goes. */
    readonly former: Principal | null;
  },
): Promise<string | null> {
  const { logins, openLogin, log } = parts;
  const { user, basis, place, former } = of;
  const login = await openLogin(user.user_id, { epoch: basis.epoch }, place);
  if (login === null) return null;
  // The browser forgets the cookie that it had, so nobody could end that login any more.
  if (former?.loginId != null) {
    await logins.end(former.userId, former.loginId, "logged_out", parts.wallMs());
    await parts.reactToRevocations();
  }
  log.info("logged in", { userId: user.user_id, loginId: login.loginId });
  parts.announceChange(user.user_id, { account: true });
  return login.token;
}
