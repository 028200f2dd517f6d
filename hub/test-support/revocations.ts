import { createClient } from "@connectrpc/connect";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { LoginEndReason } from "@leapmux/proto/hub/v1/client_link_pb.ts";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { acceptInvitation, logIn, type LoggedIn } from "./log-in.ts";

/** Everything by which a login ends, as something that a test can do. */
export interface Revocation {
  readonly name: string;
  readonly reason: LoginEndReason;
  /** The login from which it was done goes on. */
  readonly sparesActing: boolean;
  act(people: People): Promise<unknown>;
}

/** One account with two logins, and the admin of the hub. */
export interface People {
  readonly victim: LoggedIn;
  readonly acting: LoggedIn;
  readonly admin: LoggedIn;
  /** Longer than a login may be idle. */
  passTime(): void;
}

export const bob = { username: "bob", password: "a stapled battery" };

const account = ({ transport }: LoggedIn) => createClient(AccountService, transport);
const admin = ({ transport }: LoggedIn) => createClient(AdminService, transport);

async function endVictim({ victim, acting }: People): Promise<void> {
  const { logins } = await account(victim).listLogins({});
  const loginId = logins.find(({ current }) => current)?.loginId ?? "";
  await account(acting).endLogin({ loginId });
}

export const revocations: readonly Revocation[] = [
  {
    name: "logging out",
    reason: LoginEndReason.LOGGED_OUT,
    sparesActing: true,
    act: ({ victim }) => createClient(LoginService, victim.transport).logOut({}),
  },
  {
    name: "ending one login from another",
    reason: LoginEndReason.ENDED_BY_USER,
    sparesActing: true,
    act: endVictim,
  },
  {
    name: "ending all other logins",
    reason: LoginEndReason.ENDED_BY_USER,
    sparesActing: true,
    act: ({ acting }) => account(acting).endOtherLogins({}),
  },
  {
    name: "changing the password",
    reason: LoginEndReason.PASSWORD_CHANGED,
    sparesActing: true,
    act: ({ acting }) =>
      account(acting).changePassword({
        oldPassword: bob.password,
        newPassword: "another stapled battery",
      }),
  },
  {
    name: "a password reset by an admin",
    reason: LoginEndReason.PASSWORD_RESET,
    sparesActing: false,
    act: (people) => admin(people.admin).resetPassword({ userId: people.victim.userId }),
  },
  {
    name: "deleting the account",
    reason: LoginEndReason.ACCOUNT_DELETED,
    sparesActing: false,
    act: ({ acting }) => account(acting).deleteAccount(bob),
  },
  {
    name: "an admin who deletes the account",
    reason: LoginEndReason.ACCOUNT_DELETED,
    sparesActing: false,
    act: (people) =>
      admin(people.admin).deleteUser({ userId: people.victim.userId, username: bob.username }),
  },
  {
    name: "an admin who ends all logins",
    reason: LoginEndReason.ENDED_BY_ADMIN,
    sparesActing: false,
    act: (people) => admin(people.admin).endLoginsOf({ userId: people.victim.userId }),
  },
  {
    name: "time without use",
    reason: LoginEndReason.EXPIRED,
    sparesActing: false,
    act: (people) => Promise.resolve(people.passTime()),
  },
];

/** Bob, invited by the admin, with two logins. */
export async function inviteBob(
  url: string,
  hubAdmin: LoggedIn,
): Promise<{ readonly victim: LoggedIn; readonly acting: LoggedIn }> {
  const { token } = await admin(hubAdmin).invite({ role: Role.USER });
  const acting = await acceptInvitation(url, token, bob);
  return { acting, victim: await logIn(url, bob) };
}
