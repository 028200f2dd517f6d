import type { MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { AdminService, InvitationSchema } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { makeAccountId, makeSecret } from "../../accounts/account-tokens.ts";
import { writeInvitationMail } from "../../accounts/invitation-mail.ts";
import { isUsername, normaliseUsername } from "../../accounts/username.ts";
import { isConsole } from "../../accounts/console-authenticator.ts";
import { isMailAddress } from "../../config/mail-settings.ts";
import type { InvitationRow, Role } from "../../store/schema.ts";
import type { UserSummary } from "../../store/user-summaries.ts";
import { wireRoleOf } from "../account/describe-account.ts";
import type { AccountParts } from "../account-parts.ts";
import { actingAdmin, principalOf } from "../call-principal.ts";
import { requireInvitationId, requireShort, requireUserId } from "../check-request.ts";
import { refuse } from "../refusal.ts";
import { readPage } from "./admin-page.ts";
import { requireRole, userMethods, userOf, type UserMethodParts } from "./user-methods.ts";

/** Of the parts of accounts, what administration needs: no listener, no relay, nobody who is logging in. */
export type AdminAccountParts = UserMethodParts &
  Pick<
    AccountParts,
    "invitations" | "logins" | "keyedHash" | "mailer" | "ownUrl" | "announceChange" | "limits"
  >;

/** Accounts of others. The gate has asked for the role admin before any of this runs. */
export function adminService(parts: AdminAccountParts): ServiceImpl<typeof AdminService> {
  const { users, logins, invitations, factors, announceChange, limits, wallMs, log } = parts;

  function makeInvitation(context: HandlerContext, role: Role, lifeMs: number) {
    const token = makeSecret(parts.random, "lmi_");
    const nowMs = wallMs();
    const row = {
      invitation_id: makeAccountId(parts.random, "inv_"),
      token_hash: parts.keyedHash.hash(token),
      role,
      invited_by: isConsole(principalOf(context)) ? null : principalOf(context).userId,
      resets_user_id: null,
      // An address is kept once something was mailed to it.
      email: "",
      created_at_ms: nowMs,
      expires_at_ms: nowMs + lifeMs,
    };
    return { token, row };
  }

  /** The link is shown in any case, so a mail that does not go out spoils nothing. */
  async function mailInvitation(row: InvitationRow, token: string, invitedBy: string) {
    const mailer = parts.mailer();
    if (mailer === null) return false;
    const url = `${parts.ownUrl()}/invite#${token}`;
    const mail = writeInvitationMail({ url, invitedBy, expiresAtMs: row.expires_at_ms });
    const sent = await mailer.send({ to: row.email, ...mail });
    if (sent.ok) await invitations.storeMailed(row.invitation_id, row.email);
    else log.warn("invitation not mailed", { reason: sent.reason, code: sent.code ?? "" });
    return sent.ok;
  }

  return {
    ...userMethods(parts),

    async listUsers(request) {
      const name = requireShort(request.name, "name", 128).trim();
      const { rows, nextPageToken } = await readPage(request, {
        most: limits.maxUsersPerPage,
        isKey: isUsername,
        keyOf: (row: UserSummary) => row.username,
        fetch: (page) => users.list({ ...page, name }),
      });
      return { users: rows.map(userOf), nextPageToken };
    },

    async setRole(request, context) {
      const userId = requireUserId(request.userId);
      const role = requireRole(request.role);
      const changed = await users.setRole(userId, role, actingAdmin(context));
      if (changed !== "changed") throw refuse(changed);
      announceChange(userId, { account: true });
      return {};
    },

    async endLoginsOf(request, context) {
      const userId = requireUserId(request.userId);
      const all = await logins.endAllOf(userId, actingAdmin(context), wallMs());
      if (!all.ok) throw refuse(all.reason);
      const { ended } = all;
      log.info("logins ended by an admin", { userId, count: ended });
      await parts.reactToRevocations();
      return { ended };
    },

    async resetPassword(request, context) {
      const userId = requireUserId(request.userId);
      if (userId === principalOf(context).userId) {
        throw refuse("invalid_request", "change your own password on your profile page instead");
      }
      const { token, row } = makeInvitation(context, "user", limits.passwordResetMs);
      const made = await invitations.reset({ ...row, resets_user_id: userId }, factors.forget);
      if (made !== "made") throw refuse(made);
      log.info("password reset by an admin", { userId });
      await parts.reactToRevocations();
      return { token, expiresAtMs: BigInt(row.expires_at_ms) };
    },

    async deleteUser(request, context) {
      const userId = requireUserId(request.userId);
      if (userId === principalOf(context).userId) {
        throw refuse("invalid_request", "delete your own account on your profile page instead");
      }
      const user = await users.find(userId);
      if (user === undefined) throw refuse("not_found");
      if (normaliseUsername(requireShort(request.username, "username")) !== user.username) {
        throw refuse("invalid_request", "the user name does not match: type it as it is shown");
      }
      const removed = await users.remove(userId, wallMs(), actingAdmin(context));
      if (removed !== "removed") throw refuse(removed);
      log.info("account deleted by an admin", { userId });
      await parts.reactToRevocations();
      return {};
    },

    async invite(request, context) {
      const email = requireShort(request.email, "email", 254).trim();
      if (email !== "" && !isMailAddress(email)) {
        throw refuse("invalid_request", "email must be one address such as ann@example.com");
      }
      const role = requireRole(request.role);
      const { token, row } = makeInvitation(context, role, limits.invitationMs);
      const made = await invitations.invite(row);
      if (made === "limit_reached") {
        throw refuse("limit_reached", "too many invitations are open: withdraw one first");
      }
      if (made !== "made") throw refuse(made);
      const inviter = row.invited_by === null ? undefined : await users.find(row.invited_by);
      const invitedBy = inviter?.username ?? "";
      const mailed = email !== "" && (await mailInvitation({ ...row, email }, token, invitedBy));
      const invitation = invitationOf({ ...row, email: mailed ? email : "" }, invitedBy);
      return { invitation, token, mailed };
    },

    async listInvitations() {
      const rows = await invitations.list(wallMs());
      return { invitations: rows.map((row) => invitationOf(row, row.invited_by_name ?? "")) };
    },

    async withdrawInvitation(request, context) {
      const invitationId = requireInvitationId(request.invitationId);
      const withdrawn = await invitations.withdraw(invitationId, actingAdmin(context));
      if (withdrawn !== "withdrawn") throw refuse(withdrawn);
      return {};
    },
  };
}

function invitationOf(
  row: InvitationRow,
  invitedBy: string,
): MessageInitShape<typeof InvitationSchema> {
  return {
    invitationId: row.invitation_id,
    role: wireRoleOf(row.role),
    invitedBy,
    createdAtMs: BigInt(row.created_at_ms),
    expiresAtMs: BigInt(row.expires_at_ms),
    email: row.email,
  };
}
