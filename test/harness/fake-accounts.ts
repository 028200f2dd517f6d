/**
 * Accounts in memory, as far as the pages about them can see: who there is, who is logged in, which
 * links are open. Nothing here is safe; what is proven with it is what people see.
 */
import { randomBytes } from "node:crypto";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type Account,
  AccountSchema,
  type Login,
  LoginSchema,
  Role,
} from "@leapmux/proto/hub/v1/account_pb.ts";
import { type Invitation, InvitationSchema } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { LoginEndReason } from "@leapmux/proto/hub/v1/client_link_pb.ts";

export interface FakeUser {
  readonly account: Account;
  password: string;
  totpSecret: string | undefined;
  /** Shown, but not confirmed yet. */
  newTotpSecret: string | undefined;
  recoveryCodes: string[];
  readonly createdAtMs: number;
}

export interface FakeLogin {
  readonly token: string;
  readonly userId: string;
  readonly login: Login;
}

export interface FakeInvitation {
  readonly token: string;
  readonly invitation: Invitation;
  /** Whose password it resets. */
  readonly resets: FakeUser | undefined;
}

export interface FakeCliLogin {
  readonly userCode: string;
  readonly userAgent: string;
  state: "waiting" | "approved" | "denied";
}

export type FakeAccounts = ReturnType<typeof makeFakeAccounts>;

const dayMs = 86_400_000;

export function makeFakeAccounts() {
  const users = new Map<string, FakeUser>();
  const logins = new Map<string, FakeLogin>();
  const invitations = new Map<string, FakeInvitation>();
  const cliLogins = new Map<string, FakeCliLogin>();
  /** Told which login is over, and why. */
  const onEnded = new Set<(loginId: string, reason: LoginEndReason) => void>();
  const onChanged = new Set<(userId: string) => void>();

  function endLogins(which: (login: FakeLogin) => boolean, reason: LoginEndReason): number {
    const ended = [...logins.values()].filter(which);
    for (const login of ended) {
      logins.delete(login.token);
      for (const tell of onEnded) tell(login.login.loginId, reason);
    }
    return ended.length;
  }

  return {
    users,
    logins,
    invitations,
    cliLogins,
    onEnded,
    onChanged,
    setupToken: randomToken("lmi"),
    signUpEnabled: false,
    find: (username: string) =>
      [...users.values()].find(({ account }) => account.username === username),
    changed(userId: string): void {
      for (const tell of onChanged) tell(userId);
    },
    addUser(init: { username: string; displayName?: string; password: string; role?: Role }) {
      const account = create(AccountSchema, {
        userId: `usr_${randomId()}`,
        username: init.username,
        displayName: init.displayName || init.username,
        role: init.role ?? Role.USER,
        hasPassword: true,
      });
      const user: FakeUser = {
        account,
        password: init.password,
        totpSecret: undefined,
        newTotpSecret: undefined,
        recoveryCodes: [],
        createdAtMs: Date.now(),
      };
      users.set(account.userId, user);
      return user;
    },
    removeUser(userId: string): void {
      users.delete(userId);
      endLogins((login) => login.userId === userId, LoginEndReason.ACCOUNT_DELETED);
    },
    addLogin(user: FakeUser, init: MessageInitShape<typeof LoginSchema>): FakeLogin {
      const login: FakeLogin = {
        token: randomToken("lml"),
        userId: user.account.userId,
        login: create(LoginSchema, {
          loginId: `lgn_${randomId()}`,
          createdAtMs: BigInt(Date.now()),
          lastSeenAtMs: BigInt(Date.now()),
          expiresAtMs: BigInt(Date.now() + 7 * dayMs),
          ...init,
        }),
      };
      logins.set(login.token, login);
      return login;
    },
    endLogins,
    invite(role: Role, by: string, email: string, resets?: FakeUser): FakeInvitation {
      const made: FakeInvitation = {
        token: randomToken("lmi"),
        resets,
        invitation: create(InvitationSchema, {
          invitationId: `inv_${randomId()}`,
          role,
          invitedBy: by,
          email,
          createdAtMs: BigInt(Date.now()),
          expiresAtMs: BigInt(Date.now() + 3 * dayMs),
        }),
      };
      invitations.set(made.token, made);
      return made;
    },
  };
}

export function randomId(): string {
  return randomBytes(16).toString("base64url");
}

function randomToken(kind: string): string {
  return `${kind}_${randomBytes(32).toString("base64url")}`;
}

/** A secret as an authenticator app takes it. */
export function randomSecret(): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return [...randomBytes(32)].map((byte) => alphabet[byte % 32]).join("");
}

export function makeRecoveryCodes(user: FakeUser): string[] {
  user.recoveryCodes = Array.from({ length: 10 }, () => {
    const text = randomBytes(5).toString("hex");
    return `${text.slice(0, 5)}-${text.slice(5)}`;
  });
  user.account.recoveryCodesLeft = user.recoveryCodes.length;
  return user.recoveryCodes;
}
