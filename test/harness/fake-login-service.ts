import { Code, ConnectError, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import { Role } from "@leapmux/proto/hub/v1/account_pb.ts";
import { LoginEndReason } from "@leapmux/proto/hub/v1/client_link_pb.ts";
import { ErrorReasonSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import type { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { type FakeAccounts, type FakeUser, randomId } from "./fake-accounts.ts";
import { challengeOf, credentialOf, requestOptions } from "./fake-passkeys.ts";
import { totpCode } from "./totp-code.ts";

const cookieName = "leapmux-login";
const commonPasswords = new Set(["password1234", "12345678"]);
/** Wrong passwords of one account until it is throttled. */
const freeTries = 3;

export function refuse(reason: string, code = Code.FailedPrecondition, text = "", waitMs = 0) {
  return new ConnectError(text, code, undefined, [
    { desc: ErrorReasonSchema, value: { reason, retryAfterMs: waitMs } },
  ]);
}

export function readLogin(accounts: FakeAccounts, cookies: string | null | undefined) {
  const token = new RegExp(`(?:^|; )${cookieName}=([\\w-]+)`).exec(cookies ?? "")?.[1];
  return accounts.logins.get(token ?? "");
}

export function checkPassword(password: string): void {
  const text = commonPasswords.has(password)
    ? "this password is one of the first that everybody tries: choose another one"
    : undefined;
  if (text) throw refuse("password_unfit", Code.InvalidArgument, text);
}

export function fakeLoginService(
  accounts: FakeAccounts,
  rpId: string,
): Partial<ServiceImpl<typeof LoginService>> {
  /** Pending second factors and passkeys; undefined: whoever owns the passkey. */
  const challenges = new Map<string, FakeUser | undefined>();
  const wrongTries = new Map<string, number>();

  function admit(user: FakeUser, context: HandlerContext) {
    const { token } = accounts.addLogin(user, {
      userAgent: context.requestHeader.get("user-agent") ?? "",
      address: "127.0.0.1",
    });
    context.responseHeader.append(
      "set-cookie",
      `${cookieName}=${token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=604800`,
    );
    return { result: { case: "account" as const, value: user.account } };
  }
  function makeAccount(
    request: { username: string; displayName: string; password: string },
    role: Role,
  ): FakeUser {
    checkPassword(request.password);
    if (accounts.find(request.username)) throw refuse("username_taken", Code.AlreadyExists);
    return accounts.addUser({ ...request, role });
  }
  function invitationOf(token: string) {
    const found = accounts.invitations.get(token);
    if (!found) throw refuse("token_refused", Code.NotFound);
    return found;
  }

  return {
    setUp(request, context) {
      if (accounts.users.size > 0 || request.token !== accounts.setupToken) {
        throw refuse("token_refused", Code.NotFound);
      }
      return admit(makeAccount(request, Role.ADMIN), context);
    },
    signUp(request, context) {
      if (!accounts.signUpEnabled) throw refuse("sign_up_disabled");
      return admit(makeAccount(request, Role.USER), context);
    },
    readInvitation({ token }) {
      const { invitation, resets } = invitationOf(token);
      const { role, invitedBy, expiresAtMs } = invitation;
      return { role, invitedBy, expiresAtMs, resetsUsername: resets?.account.username ?? "" };
    },
    acceptInvitation(request, context) {
      const { invitation, resets } = invitationOf(request.token);
      checkPassword(request.password);
      const user = resets ?? makeAccount(request, invitation.role);
      user.password = request.password;
      accounts.invitations.delete(request.token);
      return admit(user, context);
    },
    logIn({ username, password }, context) {
      const tries = wrongTries.get(username) ?? 0;
      if (tries >= freeTries) {
        wrongTries.delete(username);
        throw refuse("throttled", Code.ResourceExhausted, "", 5_000);
      }
      const user = accounts.find(username);
      if (!user || user.password !== password) {
        wrongTries.set(username, tries + 1);
        throw refuse("login_refused", Code.Unauthenticated);
      }
      wrongTries.delete(username);
      const { hasTotp, passkeys } = user.account;
      if (!hasTotp && passkeys.length === 0) return admit(user, context);
      const challenge = randomId();
      challenges.set(challenge, user);
      return {
        result: {
          case: "secondFactor",
          value: {
            challenge,
            totp: hasTotp,
            recoveryCode: user.recoveryCodes.length > 0,
            passkeyOptionsJson:
              passkeys.length > 0 ? requestOptions(rpId, challenge, passkeys) : "",
          },
        },
      };
    },
    startPasskeyLogIn() {
      const challenge = randomId();
      challenges.set(challenge, undefined);
      return { challenge, optionsJson: requestOptions(rpId, challenge, []) };
    },
    finishLogIn({ challenge, proof }, context) {
      if (!challenges.has(challenge)) throw refuse("login_refused", Code.Unauthenticated);
      const user = challenges.get(challenge);
      const proven = proves(user, challenge, proof);
      if (!proven) throw refuse("login_refused", Code.Unauthenticated);
      challenges.delete(challenge);
      return admit(proven, context);
    },
    logOut(_request, context) {
      const login = readLogin(accounts, context.requestHeader.get("cookie"));
      accounts.endLogins((each) => each === login, LoginEndReason.LOGGED_OUT);
      context.responseHeader.append("set-cookie", `${cookieName}=; Path=/; Max-Age=0`);
      return {};
    },
  };

  function proves(
    user: FakeUser | undefined,
    challenge: string,
    proof: { case: string | undefined; value?: string | undefined },
  ): FakeUser | undefined {
    const value = proof.value ?? "";
    if (proof.case === "passkeyJson") {
      if (challengeOf(value) !== challenge) return undefined;
      const id = credentialOf(value);
      const owner = [...accounts.users.values()].find(({ account }) =>
        account.passkeys.some(({ credentialId }) => credentialId === id),
      );
      return user === undefined || user === owner ? owner : undefined;
    }
    if (proof.case === "totpCode" && user?.totpSecret) {
      return totpCode(user.totpSecret, Date.now()) === value ? user : undefined;
    }
    if (proof.case === "recoveryCode" && user?.recoveryCodes.includes(value)) {
      user.recoveryCodes = user.recoveryCodes.filter((code) => code !== value);
      user.account.recoveryCodesLeft = user.recoveryCodes.length;
      return user;
    }
    return undefined;
  }
}
