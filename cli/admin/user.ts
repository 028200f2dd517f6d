// `leapmux admin user`: the accounts of a hub.
import { createClient } from "@connectrpc/connect";
import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { AdminService, type User } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { CommandError } from "../command-error.ts";
import type { AdminCall, AdminFlag, AdminGroup } from "./admin-command.ts";
import { type Field, done, listOf, recordOf, timeOf } from "./admin-result.ts";
import { collectPages } from "./collect-pages.ts";
import { listLoginsOfUser } from "./login.ts";
import { selectUser, userSelectors } from "./select-user.ts";

const fields: readonly Field<User>[] = [
  { name: "user_id", title: "ID", value: ({ userId }) => userId },
  { name: "username", title: "User name", value: ({ username }) => username },
  { name: "display_name", title: "Display name", value: ({ displayName }) => displayName },
  { name: "role", title: "Role", value: ({ role }) => (role === Role.ADMIN ? "admin" : "user") },
  { name: "logins", title: "Logins", value: ({ logins }) => logins },
  { name: "workers", title: "Workers", value: ({ workers }) => workers },
  {
    name: "has_second_factor",
    title: "Second factor",
    value: ({ hasSecondFactor }) => hasSecondFactor,
  },
  { name: "created_at", title: "Created", value: ({ createdAtMs }) => timeOf(createdAtMs) },
  { name: "last_seen_at", title: "Last seen", value: ({ lastSeenAtMs }) => timeOf(lastSeenAtMs) },
];

const passwordFile: AdminFlag = {
  name: "password-file",
  placeholder: "FILE",
  description: "Read the password from this file, or with - from standard input, instead of asking",
};

const clientOf = ({ transport }: AdminCall) => createClient(AdminService, transport);

export const userGroup: AdminGroup = {
  name: "user",
  description: "Accounts: who they are, what they may do, their passwords",
  commands: [
    {
      name: "list",
      description: "Users by name",
      isPaged: true,
      flags: [
        {
          name: "name",
          placeholder: "TEXT",
          description: "Only those with this in their user name or display name",
        },
      ],
      async run(call) {
        const name = call.flags.text("name") ?? "";
        const page = await collectPages(call.flags, async (asked) => {
          const { users, nextPageToken } = await clientOf(call).listUsers({ ...asked, name });
          return { rows: users, next: nextPageToken };
        });
        return listOf("users", fields, page);
      },
    },
    {
      name: "get",
      description: "Everything about one user",
      flags: userSelectors,
      run: async (call) => recordOf(fields, await selectUser(call)),
    },
    {
      name: "create",
      description: "Make an account with a password",
      flags: [
        { name: "username", placeholder: "NAME", description: "How the user logs in" },
        {
          name: "display-name",
          placeholder: "TEXT",
          description: "How others see the user (built-in: the user name)",
        },
        { name: "admin", description: "Make the user an admin" },
        passwordFile,
      ],
      async run(call) {
        const { flags } = call;
        const username = flags.required("username");
        const displayName = flags.text("display-name") ?? "";
        const role = flags.has("admin") ? Role.ADMIN : Role.USER;
        const password = await call.askPassword();
        const { user } = await clientOf(call).createUser({ username, displayName, role, password });
        const made = { user_id: user?.userId ?? "", username: user?.username ?? "" };
        return done(`Created the user ${made.username} (${made.user_id}).`, made);
      },
    },
    {
      name: "update",
      description: "Change the name or the display name of a user",
      flags: [
        ...userSelectors,
        { name: "new-username", placeholder: "NAME", description: "Another user name" },
        { name: "display-name", placeholder: "TEXT", description: "Another display name" },
      ],
      async run(call) {
        const username = call.flags.text("new-username") ?? "";
        const displayName = call.flags.text("display-name") ?? "";
        if (username === "" && displayName === "") {
          throw new CommandError(
            "usage",
            "nothing is to be changed: give --new-username or --display-name",
          );
        }
        const { userId } = await selectUser(call);
        const { user } = await clientOf(call).updateUser({ userId, username, displayName });
        const changed = {
          user_id: userId,
          username: user?.username ?? "",
          display_name: user?.displayName ?? "",
        };
        return done(`Changed the user ${changed.username} (${userId}).`, changed);
      },
    },
    {
      name: "delete",
      description: "Delete a user with all that is theirs: logins, workers, workspaces, devices",
      isDestructive: true,
      flags: [...userSelectors, { name: "force", description: "Even if the user is an admin" }],
      async run(call) {
        const { userId, username, role } = await selectUser(call);
        if (role === Role.ADMIN && !call.flags.has("force")) {
          throw new CommandError(
            "failure",
            `the user ${username} is an admin`,
            "Give --force to delete an admin.",
          );
        }
        await call.confirm(`This deletes the user ${username} and all that is theirs.`);
        await clientOf(call).deleteUser({ userId, username });
        return done(`Deleted the user ${username} (${userId}).`, { user_id: userId, username });
      },
    },
    {
      name: "reset-password",
      description: "Set another password; every login and second factor of the user ends",
      flags: [
        ...userSelectors,
        passwordFile,
        {
          name: "link",
          description: "Instead print a one-time link with which the user chooses a password",
        },
      ],
      run: resetPassword,
    },
    {
      name: "grant-admin",
      description: "Make a user an admin",
      flags: userSelectors,
      run: (call) => setRole(call, Role.ADMIN),
    },
    {
      name: "revoke-admin",
      description: "Make an admin a user; the last one stays",
      flags: userSelectors,
      run: (call) => setRole(call, Role.USER),
    },
    listLoginsOfUser,
  ],
};

async function resetPassword(call: AdminCall) {
  if (call.flags.has("link") && call.flags.has("password-file")) {
    throw new CommandError("usage", "both --link and --password-file are given: choose one");
  }
  const { userId, username } = await selectUser(call);
  const user = { user_id: userId, username };
  if (call.flags.has("link")) {
    const { token, expiresAtMs } = await clientOf(call).resetPassword({ userId });
    const link = `${call.hubUrl}/invite#${token}`;
    const expires = new Date(Number(expiresAtMs));
    return done(
      [
        `The password of ${username} is gone. With this link, once, the user chooses another one:`,
        link,
      ],
      { ...user, link, expires_at: expires.toISOString() },
    );
  }
  const password = await call.askPassword();
  const { endedLogins } = await clientOf(call).setPassword({ userId, password });
  return done(`Set the password of ${username}; logins that ended: ${endedLogins}.`, {
    ...user,
    ended_logins: endedLogins,
  });
}

async function setRole(call: AdminCall, role: Role) {
  const { userId, username } = await selectUser(call);
  await clientOf(call).setRole({ userId, role });
  const name = role === Role.ADMIN ? "admin" : "user";
  return done(`${username} is ${role === Role.ADMIN ? "an admin" : "a user"} now.`, {
    user_id: userId,
    username,
    role: name,
  });
}
