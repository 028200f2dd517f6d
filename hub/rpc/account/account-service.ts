import type { ServiceImpl } from "@connectrpc/connect";
import type { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { normaliseUsername } from "../../accounts/username.ts";
import type { AccountParts } from "../account-parts.ts";
import { principalOf } from "../call-principal.ts";
import { requireLoginId, requireShort, requireTitle } from "../check-request.ts";
import { loginOf } from "./describe-login.ts";
import { refuse } from "../refusal.ts";
import { hashChosenPassword } from "./choose-password.ts";
import { cliApprovalCalls } from "./cli-approval-calls.ts";
import { confirmPassword, requireAccount } from "./confirm-password.ts";
import { describeAccount } from "./describe-account.ts";
import { makeFactorCalls } from "./factor-calls.ts";
import { identityCalls } from "./identity-calls.ts";

/** The caller's own account and logins. Whatever ends logins has ended their channels when it answers. */
export function accountService(parts: AccountParts): Partial<ServiceImpl<typeof AccountService>> {
  const { users, logins, factors, factorParts, hasher, cookie, announceChange, wallMs, log } =
    parts;

  return {
    ...cliApprovalCalls(parts),
    ...identityCalls(parts),
    ...(factorParts === null
      ? {}
      : makeFactorCalls({
          ...factorParts,
          principalOf,
          requirePassword: (context, password) => confirmPassword(parts, context, password),
          accountOf: async (context) =>
            describeAccount(await requireAccount(parts, context), factors),
          onChanged(userId, event) {
            log.info(event, { userId });
            announceChange(userId, { account: true });
          },
        })),

    async getAccount(_request, context) {
      return { account: await describeAccount(await requireAccount(parts, context), factors) };
    },

    async changeDisplayName(request, context) {
      const displayName = requireTitle(request.displayName, "display_name");
      const user = await requireAccount(parts, context);
      await users.rename(user.user_id, displayName);
      announceChange(user.user_id, { account: true });
      return { account: await describeAccount({ ...user, display_name: displayName }, factors) };
    },

    async changePassword(request, context) {
      const { userId, loginId } = principalOf(context);
      if (loginId === null) throw refuse("unauthenticated");
      const user = await confirmPassword(parts, context, request.oldPassword);
      const caller = { kind: "account", key: userId } as const;
      const { newPassword } = request;
      const passwordHash = await hashChosenPassword(hasher, newPassword, user.username, caller);
      const { epoch } = user;
      const atMs = wallMs();
      const changed = await users.changePassword({ userId, epoch, passwordHash, loginId, atMs });
      if (changed === "refused") throw refuse("wrong_password");
      log.info("password changed", { userId });
      await parts.reactToRevocations();
      announceChange(userId, { account: true });
      return {};
    },

    async deleteAccount(request, context) {
      const user = await confirmPassword(parts, context, request.password);
      if (normaliseUsername(requireShort(request.username, "username")) !== user.username) {
        throw refuse("invalid_request", "the user name does not match: type it as it is shown");
      }
      const removed = await users.remove(user.user_id, wallMs(), null);
      if (removed === "last_admin") throw refuse("last_admin");
      log.info("account deleted", { userId: user.user_id });
      await parts.reactToRevocations();
      context.responseHeader.append("set-cookie", cookie.clear());
      return {};
    },

    async listLogins(_request, context) {
      const { userId, loginId } = principalOf(context);
      const rows = await logins.list(userId, wallMs());
      return { logins: rows.map((row) => loginOf(row, loginId)) };
    },

    async endLogin(request, context) {
      const { userId, loginId: ownLoginId } = principalOf(context);
      const loginId = requireLoginId(request.loginId);
      const reason = loginId === ownLoginId ? "logged_out" : "ended_by_user";
      if (!(await logins.end(userId, loginId, reason, wallMs()))) throw refuse("not_found");
      await parts.reactToRevocations();
      announceChange(userId, { account: true });
      return {};
    },

    async endOtherLogins(_request, context) {
      const { userId, loginId } = principalOf(context);
      const ended = await logins.endAll(userId, loginId, "ended_by_user", wallMs());
      await parts.reactToRevocations();
      announceChange(userId, { account: true });
      return { ended };
    },
  };
}
