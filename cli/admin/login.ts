// `leapmux admin session`, which is the word that operators look for, or `leapmux admin login`: who is logged
// in. A login is one browser or command line; ending it closes every channel that stands on it.
import { createClient } from "@connectrpc/connect";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { LoginAdminService, type OwnedLogin } from "@leapmux/proto/hub/v1/admin_logins_pb.ts";
import type { AdminCall, AdminCommand, AdminGroup } from "./admin-command.ts";
import { type AdminResult, type Field, done, listOf, timeOf } from "./admin-result.ts";
import { collectPages } from "./collect-pages.ts";
import { orMissing } from "./explain-refusal.ts";
import { selectUser, userSelectors } from "./select-user.ts";

const fields: readonly Field<OwnedLogin>[] = [
  { name: "login_id", title: "ID", value: ({ login }) => login?.loginId ?? "" },
  { name: "username", title: "User name", value: ({ username }) => username },
  { name: "user_id", title: "User id", value: ({ userId }) => userId },
  { name: "cli", title: "Command line", value: ({ login }) => login?.cli ?? false },
  { name: "address", title: "Address", value: ({ login }) => login?.address ?? "" },
  { name: "user_agent", title: "User agent", value: ({ login }) => login?.userAgent ?? "" },
  { name: "created_at", title: "Since", value: ({ login }) => timeOf(login?.createdAtMs ?? 0n) },
  {
    name: "last_seen_at",
    title: "Last seen",
    value: ({ login }) => timeOf(login?.lastSeenAtMs ?? 0n),
  },
  { name: "expires_at", title: "Expires", value: ({ login }) => timeOf(login?.expiresAtMs ?? 0n) },
];

const clientOf = ({ transport }: AdminCall) => createClient(LoginAdminService, transport);

async function listLogins(call: AdminCall, userId: string): Promise<AdminResult> {
  const page = await collectPages(call.flags, async (asked) => {
    const { logins, nextPageToken } = await clientOf(call).listLoginsOf({ ...asked, userId });
    return { rows: logins, next: nextPageToken };
  });
  return listOf("logins", fields, page);
}

/** Also `user list-logins`. */
export const listLoginsOfUser: AdminCommand = {
  name: "list-logins",
  description: "Where one user is logged in",
  isPaged: true,
  flags: userSelectors,
  run: async (call) => listLogins(call, (await selectUser(call)).userId),
};

export const loginGroup: AdminGroup = {
  name: "session", // leapmux admin session
  aliases: ["login"],
  description: "Logins, each of one browser or command line; `login` is the same command",
  commands: [
    {
      name: "list",
      description: "Logins of everybody that count at this moment",
      isPaged: true,
      run: (call) => listLogins(call, ""),
    },
    {
      name: "revoke",
      description: "End one login and every channel that stands on it",
      flags: [{ name: "id", placeholder: "LOGIN_ID", description: "The login with this id" }],
      async run(call) {
        const loginId = call.flags.required("id");
        await orMissing(
          clientOf(call).endLoginOf({ loginId }),
          `there is no login with the id ${loginId}`,
        );
        return done(`Ended the login ${loginId}.`, { login_id: loginId });
      },
    },
    {
      name: "revoke-user",
      description: "End every login and token of one user, with all channels",
      flags: userSelectors,
      async run(call) {
        const { userId, username } = await selectUser(call);
        const admin = createClient(AdminService, call.transport);
        const { ended } = await admin.endLoginsOf({ userId });
        return done(`Ended the logins of ${username}: ${ended}.`, {
          user_id: userId,
          username,
          ended_logins: ended,
        });
      },
    },
    {
      name: "purge-expired",
      description: "Forget logins whose time has passed; a running hub does so by itself",
      async run(call) {
        const { purged } = await clientOf(call).purgeExpiredLogins({});
        return done(`Purged logins: ${purged}.`, { purged });
      },
    },
  ],
};
