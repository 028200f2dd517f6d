import type { MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import type { LogInResponseSchema } from "@leapmux/proto/hub/v1/login_pb.ts";
import type { LoginBasis } from "../../store/logins.ts";
import type { UserRow } from "../../store/schema.ts";
import { describeAccount } from "../account/describe-account.ts";
import type { AccountParts } from "../account-parts.ts";
import { callerOf } from "../call-principal.ts";
import { placeOf } from "../call-place.ts";
import { refuse } from "../refusal.ts";

/** The end of every way in: a login, its cookie in the headers of the answer, the account in its body. */
export async function enter(
  parts: AccountParts,
  context: HandlerContext,
  user: UserRow,
  basis: LoginBasis,
): Promise<MessageInitShape<typeof LogInResponseSchema>> {
  const { logins, openLogin, cookie, factors, log } = parts;
  const login = await openLogin(user.user_id, { epoch: basis.epoch }, placeOf(context));
  if (login === null) throw refuse("login_refused");
  // The browser forgets the cookie that it had, so nobody could end that login any more.
  const former = callerOf(context);
  if (former?.loginId != null && !context.requestHeader.has("authorization")) {
    await logins.end(former.userId, former.loginId, "logged_out", parts.wallMs());
    await parts.reactToRevocations();
  }
  context.responseHeader.append("set-cookie", cookie.set(login.token));
  log.info("logged in", { userId: user.user_id, loginId: login.loginId });
  parts.announceChange(user.user_id, { account: true });
  return { result: { case: "account", value: await describeAccount(user, factors) } };
}
