import type { ServiceImpl } from "@connectrpc/connect";
import type { LoginAdminService } from "@leapmux/proto/hub/v1/admin_logins_pb.ts";
import type { LoginAdministration, OwnedLogin } from "../../../store/login-administration.ts";
import type { AccountParts } from "../../account-parts.ts";
import { loginOf } from "../../account/describe-login.ts";
import { actingAdmin, principalOf } from "../../call-principal.ts";
import { isLoginId, requireLoginId, requireUserId } from "../../check-request.ts";
import { refuse } from "../../refusal.ts";
import { readPage } from "../admin-page.ts";

export type LoginAdminParts = Pick<
  AccountParts,
  "reactToRevocations" | "announceChange" | "limits" | "wallMs" | "log"
> & { readonly loginAdministration: LoginAdministration };

/** The gate has asked for the role admin before any of this runs. */
export function loginAdminService(parts: LoginAdminParts): ServiceImpl<typeof LoginAdminService> {
  const { loginAdministration, announceChange, limits, wallMs, log } = parts;

  return {
    async listLoginsOf(request, context) {
      const userId = request.userId === "" ? null : requireUserId(request.userId);
      const { rows, nextPageToken } = await readPage(request, {
        most: limits.maxRowsPerPage,
        isKey: isLoginId,
        keyOf: (row: OwnedLogin) => row.login_id,
        fetch: (page) => loginAdministration.list({ ...page, userId, nowMs: wallMs() }),
      });
      const own = principalOf(context).loginId;
      const logins = rows.map((row) => ({
        login: loginOf(row, own),
        userId: row.user_id,
        username: row.username,
      }));
      return { logins, nextPageToken };
    },

    async endLoginOf(request, context) {
      const loginId = requireLoginId(request.loginId);
      const ended = await loginAdministration.end(loginId, actingAdmin(context), wallMs());
      if (!ended.ok) throw refuse(ended.reason);
      const { userId } = ended;
      log.info("login ended by an admin", { userId, loginId });
      await parts.reactToRevocations();
      announceChange(userId, { account: true });
      return {};
    },

    async purgeExpiredLogins() {
      const purged = await loginAdministration.purge(wallMs());
      await parts.reactToRevocations();
      return { purged };
    },
  };
}
