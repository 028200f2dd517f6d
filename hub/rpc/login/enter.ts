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
import { replaceLogin } from "./replace-login.ts";

/** The end of every way in: a login, its cookie in the headers of the answer, the account in its body. */
export async function enter(
  parts: AccountParts,
  context: HandlerContext,
  user: UserRow,
  basis: LoginBasis,
): Promise<MessageInitShape<typeof LogInResponseSchema>> {
  const { cookie, factors } = parts;
  const former = context.requestHeader.has("authorization") ? null : callerOf(context);
  const token = await replaceLogin(parts, { user, basis, place: placeOf(context), former });
  if (token === null) throw refuse("login_refused");
  context.responseHeader.append("set-cookie", cookie.set(token));
  return { result: { case: "account", value: await describeAccount(user, factors) } };
}
