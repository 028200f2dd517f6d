import { Code, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import { create } from "@bufbuild/protobuf";
import { type AccountService, PasskeySchema, Role } from "@leapmux/proto/hub/v1/account_pb.ts";
import type { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { LoginEndReason } from "@leapmux/proto/hub/v1/client_link_pb.ts";
import {
  type FakeAccounts,
  type FakeUser,
  makeRecoveryCodes,
  randomId,
  randomSecret,
} from "./fake-accounts.ts";
import { checkPassword, readLogin, refuse } from "./fake-login-service.ts";
import { challengeOf, creationOptions, credentialOf } from "./fake-passkeys.ts";
import { totpCode } from "./totp-code.ts";

function requireCaller(accounts: FakeAccounts, context: HandlerContext) {
  const login = readLogin(accounts, context.requestHeader.get("cookie"));
  const user = accounts.users.get(login?.userId ?? "");
  if (!login || !user) throw refuse("unauthenticated", Code.Unauthenticated);
  return { login, user, account: user.account };
}

export function fakeAccountService(
  accounts: FakeAccounts,
  rpId: string,
): ServiceImpl<typeof AccountService> {
  const challenges = new Map<string, string>();
  const caller = (context: HandlerContext) => requireCaller(accounts, context);

  function confirmed(context: HandlerContext, password: string): FakeUser {
    const { user } = caller(context);
    if (user.password !== password) throw refuse("wrong_password", Code.PermissionDenied);
    return user;
  }
  function cliLoginOf(userCode: string) {
    const found = accounts.cliLogins.get(userCode);
    if (found?.state !== "waiting") throw refuse("not_found", Code.NotFound);
    return found;
  }

  return {
    getAccount: (_request, context) => ({ account: caller(context).account }),
    changeDisplayName({ displayName }, context) {
      const { account } = caller(context);
      account.displayName = displayName;
      accounts.changed(account.userId);
      return { account };
    },
    changePassword({ oldPassword, newPassword }, context) {
      const { login } = caller(context);
      const user = confirmed(context, oldPassword);
      checkPassword(newPassword);
      user.password = newPassword;
      accounts.endLogins(
        (each) => each.userId === login.userId && each !== login,
        LoginEndReason.PASSWORD_CHANGED,
      );
      return {};
    },
    deleteAccount({ username, password }, context) {
      const { account } = confirmed(context, password);
      if (account.username !== username) throw refuse("not_found", Code.NotFound);
      accounts.removeUser(account.userId);
      return {};
    },
    listLogins(_request, context) {
      const { login } = caller(context);
      const own = [...accounts.logins.values()].filter((each) => each.userId === login.userId);
      return { logins: own.map((each) => ({ ...each.login, current: each === login })) };
    },
    endLogin({ loginId }, context) {
      const { login } = caller(context);
      const isIt = (each: typeof login) =>
        each.userId === login.userId && each.login.loginId === loginId;
      if (accounts.endLogins(isIt, LoginEndReason.ENDED_BY_USER) === 0) {
        throw refuse("not_found", Code.NotFound);
      }
      return {};
    },
    endOtherLogins(_request, context) {
      const { login } = caller(context);
      const isOther = (each: typeof login) => each.userId === login.userId && each !== login;
      return { ended: accounts.endLogins(isOther, LoginEndReason.ENDED_BY_USER) };
    },
    startTotp({ password }, context) {
      const user = confirmed(context, password);
      const secret = randomSecret();
      user.newTotpSecret = secret;
      const label = encodeURIComponent(`LeapMux:${user.account.username}`);
      return { secret, uri: `otpauth://totp/${label}?secret=${secret}&issuer=LeapMux` };
    },
    finishTotp({ code }, context) {
      const { user } = caller(context);
      const secret = user.newTotpSecret;
      if (!secret || totpCode(secret, Date.now()) !== code) {
        throw refuse("login_refused", Code.PermissionDenied);
      }
      user.totpSecret = secret;
      user.account.hasTotp = true;
      return { recoveryCodes: makeRecoveryCodes(user) };
    },
    removeTotp({ password }, context) {
      const user = confirmed(context, password);
      user.totpSecret = undefined;
      user.account.hasTotp = false;
      user.recoveryCodes = [];
      return {};
    },
    makeRecoveryCodes: ({ password }, context) => ({
      recoveryCodes: makeRecoveryCodes(confirmed(context, password)),
    }),
    startPasskeyRegistration({ password }, context) {
      const { account } = confirmed(context, password);
      const challenge = randomId();
      challenges.set(account.userId, challenge);
      return { optionsJson: creationOptions(rpId, challenge, account) };
    },
    finishPasskeyRegistration({ responseJson, name }, context) {
      const { account } = caller(context);
      if (challengeOf(responseJson) !== challenges.get(account.userId)) {
        throw refuse("login_refused", Code.PermissionDenied);
      }
      const passkey = { credentialId: credentialOf(responseJson), name };
      account.passkeys.push(create(PasskeySchema, { ...passkey, createdAtMs: BigInt(Date.now()) }));
      return { account };
    },
    removePasskey({ credentialId, password }, context) {
      const { account } = confirmed(context, password);
      account.passkeys = account.passkeys.filter((each) => each.credentialId !== credentialId);
      return { account };
    },
    readCliLogin({ userCode }, context) {
      caller(context);
      const { userAgent } = cliLoginOf(userCode);
      const expiresAtMs = BigInt(Date.now() + 600_000);
      return { userAgent, address: "192.0.2.7", expiresAtMs };
    },
    answerCliLogin({ userCode, approve }, context) {
      caller(context);
      cliLoginOf(userCode).state = approve ? "approved" : "denied";
      return {};
    },
  };
}

export function fakeAdminService(accounts: FakeAccounts): ServiceImpl<typeof AdminService> {
  function requireAdmin(context: HandlerContext) {
    const caller = requireCaller(accounts, context);
    if (caller.account.role !== Role.ADMIN) throw refuse("forbidden", Code.PermissionDenied);
    return caller;
  }
  function target(userId: string, context: HandlerContext): FakeUser {
    requireAdmin(context);
    const user = accounts.users.get(userId);
    if (!user) throw refuse("not_found", Code.NotFound);
    return user;
  }
  const loginsOf = (userId: string) =>
    [...accounts.logins.values()].filter((login) => login.userId === userId);

  return {
    listUsers(_request, context) {
      requireAdmin(context);
      return {
        users: [...accounts.users.values()].map(({ account, createdAtMs }) => ({
          userId: account.userId,
          username: account.username,
          displayName: account.displayName,
          role: account.role,
          createdAtMs: BigInt(createdAtMs),
          lastSeenAtMs: loginsOf(account.userId)[0]?.login.lastSeenAtMs ?? 0n,
          logins: loginsOf(account.userId).length,
          workers: 0,
          hasSecondFactor: account.hasTotp || account.passkeys.length > 0,
        })),
      };
    },
    setRole({ userId, role }, context) {
      target(userId, context).account.role = role;
      accounts.changed(userId);
      return {};
    },
    endLoginsOf({ userId }, context) {
      target(userId, context);
      const isTheirs = (login: { userId: string }) => login.userId === userId;
      return { ended: accounts.endLogins(isTheirs, LoginEndReason.ENDED_BY_ADMIN) };
    },
    resetPassword({ userId }, context) {
      const user = target(userId, context);
      accounts.endLogins((login) => login.userId === userId, LoginEndReason.PASSWORD_RESET);
      const { token, invitation } = accounts.invite(user.account.role, "", "", user);
      return { token, expiresAtMs: invitation.expiresAtMs };
    },
    deleteUser({ userId, username }, context) {
      if (target(userId, context).account.username !== username) {
        throw refuse("not_found", Code.NotFound);
      }
      accounts.removeUser(userId);
      return {};
    },
    invite({ role, email }, context) {
      const { account } = requireAdmin(context);
      const { invitation, token } = accounts.invite(role, account.displayName, email);
      return { invitation, token, mailed: email !== "" };
    },
    listInvitations(_request, context) {
      requireAdmin(context);
      const open = [...accounts.invitations.values()].filter(({ resets }) => !resets);
      return { invitations: open.map(({ invitation }) => invitation) };
    },
    withdrawInvitation({ invitationId }, context) {
      requireAdmin(context);
      for (const [token, { invitation }] of accounts.invitations) {
        if (invitation.invitationId === invitationId) accounts.invitations.delete(token);
      }
      return {};
    },
  };
}
