import type { ServiceImpl } from "@connectrpc/connect";
import type { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import type { AccountParts } from "../account-parts.ts";
import { callerOf } from "../call-principal.ts";
import { placeOf } from "../call-place.ts";
import { requireShort } from "../check-request.ts";
import { refuse } from "../refusal.ts";
import { cliLoginCalls } from "./cli-login-calls.ts";
import { enter } from "./enter.ts";
import { invitationCalls } from "./invitation-calls.ts";
import { refreshTokenCall } from "./refresh-token-call.ts";
import { signInCalls } from "./sign-in-calls.ts";
import { readNewAccount } from "./read-new-account.ts";
import { requireStart, strangerOf } from "./require-start.ts";

/** The ways to a login. No call needs one; each refuses before anything is computed where it can. */
export function loginService(parts: AccountParts): ServiceImpl<typeof LoginService> {
  const {
    users,
    logins,
    passwords,
    factors,
    pending,
    factorThrottles,
    cookie,
    setUp,
    wallMs,
    log,
  } = parts;

  return {
    ...invitationCalls(parts),
    ...cliLoginCalls(parts),
    ...refreshTokenCall(parts),
    ...signInCalls(parts),

    async setUp(request, context) {
      if (!setUp.matches(request.token)) throw refuse("token_refused");
      const account = await readNewAccount(parts, request, {
        caller: strangerOf(context),
        isFirst: true,
      });
      const user = { ...account, role: "admin" as const };
      if ((await users.createFirst(user)) === "set_up_before") throw refuse("token_refused");
      setUp.close();
      log.info("the first account was made", { userId: user.user_id });
      parts.onSetUp(user.user_id);
      return enter(parts, context, { ...user, epoch: 0, last_seen_at_ms: 0 }, { epoch: 0 });
    },

    async signUp(request, context) {
      // The first account is made by whoever runs the hub.
      if (!parts.maySignUp() || (await users.isEmpty())) throw refuse("sign_up_disabled");
      const onBusy = requireStart(parts.signUps, context);
      const by = { caller: strangerOf(context), onBusy };
      const user = { ...(await readNewAccount(parts, request, by)), role: "user" as const };
      const created = await users.create(user);
      if (created === "limit_reached") {
        throw refuse("limit_reached", "this hub has no room for another account: ask its admin");
      }
      if (created !== "created") throw refuse(created);
      return enter(parts, context, { ...user, epoch: 0, last_seen_at_ms: 0 }, { epoch: 0 });
    },

    async logIn(request, context) {
      const username = requireShort(request.username, "username");
      const password = requireShort(request.password, "password");
      const checked = await passwords.atLogIn(username, password, placeOf(context).address);
      if (!checked.ok) {
        if (checked.reason === "throttled") {
          throw refuse("throttled", undefined, checked.retryAfterMs);
        }
        throw refuse("login_refused");
      }
      const { user } = checked;
      const factor = await factors.needed(user.user_id);
      if (factor === null) return enter(parts, context, user, user);
      pending.add(factor.challenge, user);
      return { result: { case: "secondFactor", value: factor } };
    },

    async startPasskeyLogIn(_request, context) {
      requireStart(parts.starts, context);
      const started = await factors.startPasskeyLogIn();
      if (started === null) throw refuse("not_found", "this hub has no passkeys: use a password");
      return started;
    },

    async finishLogIn(request, context) {
      const challenge = requireShort(request.challenge, "challenge");
      const first = pending.attempt(challenge);
      // A passkey is enough by itself; anything else only counts behind a password.
      if (first === undefined && request.proof.case !== "passkeyJson") {
        throw refuse("login_refused");
      }
      const kind = request.proof.case;
      if (kind === undefined) throw refuse("login_refused");
      const throttle = factorThrottles[kind];
      const { address } = placeOf(context);
      // Each new log-in brings a new challenge, so it is the account that codes are counted by. A passkey
      // alone names none before it is proven.
      const attempt =
        first === undefined
          ? throttle.attemptOfAnybody(address)
          : throttle.attempt(first.user_id, address);
      if (!attempt.ok) throw refuse("throttled", undefined, attempt.retryAfterMs);
      const outcome = await factors.finish(challenge, request.proof);
      if (!outcome.ok) {
        const { retryAfterMs = 0 } = outcome;
        if (retryAfterMs === 0) throw refuse("login_refused");
        attempt.withdrawn();
        pending.takeBack(challenge);
        throw refuse("throttled", undefined, retryAfterMs);
      }
      // What counts behind a password only counts behind one that is still remembered.
      if (outcome.alone !== (first === undefined)) throw refuse("login_refused");
      const user = await users.find(outcome.userId);
      if (user === undefined || (first !== undefined && first.user_id !== user.user_id)) {
        throw refuse("login_refused");
      }
      attempt.succeeded();
      pending.remove(challenge);
      return enter(parts, context, user, { epoch: first?.epoch ?? user.epoch });
    },

    async logOut(_request, context) {
      const caller = callerOf(context);
      if (caller?.loginId != null) {
        await logins.end(caller.userId, caller.loginId, "logged_out", wallMs());
        await parts.reactToRevocations();
        parts.announceChange(caller.userId, { account: true });
      }
      context.responseHeader.append("set-cookie", cookie.clear());
      return {};
    },
  };
}
