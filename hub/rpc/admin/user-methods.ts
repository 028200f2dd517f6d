import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import type { Role as WireRole } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import type { AdminService, UserSchema } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { checkUsername, normaliseUsername } from "../../accounts/username.ts";
import type { Role } from "../../store/schema.ts";
import type { UserSummary } from "../../store/user-summaries.ts";
import { hashChosenPassword } from "../account/choose-password.ts";
import { roleOf, wireRoleOf } from "../account/describe-account.ts";
import type { AccountParts } from "../account-parts.ts";
import { actingAdmin, principalOf } from "../call-principal.ts";
import { requireShort, requireTitle, requireUserId } from "../check-request.ts";
import { readNewAccount, type NewAccountParts } from "../login/read-new-account.ts";
import { refuse } from "../refusal.ts";

export type UserMethodParts = NewAccountParts &
  Pick<
    AccountParts,
    "users" | "userAdministration" | "factors" | "reactToRevocations" | "announceChange" | "log"
  >;

type Methods = Pick<
  ServiceImpl<typeof AdminService>,
  "getUser" | "createUser" | "updateUser" | "setPassword"
>;

/** One account at a time. */
export function userMethods(parts: UserMethodParts): Methods {
  const { users, userAdministration, factors, announceChange, wallMs, log } = parts;

  async function describe(userId: string): Promise<MessageInitShape<typeof UserSchema>> {
    const summary = await userAdministration.describe(userId);
    if (summary === undefined) throw refuse("not_found");
    return userOf(summary);
  }

  return {
    async getUser({ userId, username }) {
      if ((userId === "") === (username === "")) {
        throw refuse("invalid_request", "give exactly one of user_id and username");
      }
      if (userId !== "") return { user: await describe(requireUserId(userId)) };
      const user = await users.findByName(normaliseUsername(requireShort(username, "username")));
      if (user === undefined) throw refuse("not_found");
      return { user: await describe(user.user_id) };
    },

    async createUser(request, context) {
      const role = requireRole(request.role);
      const isFirst = role === "admin" && (await users.isEmpty());
      const caller = { kind: "account", key: principalOf(context).userId } as const;
      const account = await readNewAccount(parts, request, { caller, isFirst });
      const created = await userAdministration.create({ ...account, role }, actingAdmin(context));
      if (created !== "created") throw refuse(created);
      log.info("account made by an admin", { userId: account.user_id });
      return { user: await describe(account.user_id) };
    },

    async updateUser(request, context) {
      const userId = requireUserId(request.userId);
      if (request.username === "" && request.displayName === "") {
        throw refuse("invalid_request", "nothing is to be changed: give a field that is");
      }
      const change: { username?: string; displayName?: string } = {};
      if (request.username !== "") {
        const checked = checkUsername(requireShort(request.username, "username"), {
          isFirst: false,
        });
        if (!checked.ok) throw refuse("invalid_request", checked.message);
        change.username = checked.username;
      }
      if (request.displayName !== "") {
        change.displayName = requireTitle(request.displayName, "display_name");
      }
      const updated = await userAdministration.update(userId, change, actingAdmin(context));
      if (updated !== "updated") throw refuse(updated);
      announceChange(userId, { account: true });
      return { user: await describe(userId) };
    },

    async setPassword(request, context) {
      const userId = requireUserId(request.userId);
      if (userId === principalOf(context).userId) {
        throw refuse("invalid_request", "change your own password on your profile page instead");
      }
      const user = await users.find(userId);
      if (user === undefined) throw refuse("not_found");
      const passwordHash = await hashChosenPassword(parts.hasher, request.password, user.username, {
        kind: "account",
        key: principalOf(context).userId,
      });
      const change = { userId, passwordHash, atMs: wallMs() };
      const by = actingAdmin(context);
      const set = await userAdministration.setPassword(change, factors.forget, by);
      if (typeof set === "string") throw refuse(set);
      log.info("password set by an admin", { userId });
      await parts.reactToRevocations();
      return { endedLogins: set.endedLogins };
    },
  };
}

export function requireRole(wireRole: WireRole): Role {
  const role = roleOf(wireRole);
  if (role === null) throw refuse("invalid_request", "role must be user or admin");
  return role;
}

export function userOf(row: UserSummary): MessageInitShape<typeof UserSchema> {
  return {
    userId: row.user_id,
    username: row.username,
    displayName: row.display_name,
    role: wireRoleOf(row.role),
    createdAtMs: BigInt(row.created_at_ms),
    lastSeenAtMs: BigInt(row.last_seen_at_ms),
    logins: row.logins,
    workers: row.workers,
    hasSecondFactor: row.hasFactor,
  };
}
