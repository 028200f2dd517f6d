import type { HubLog } from "../ops/hub-log.ts";
import type { UserRow } from "../store/schema.ts";
import type { Users } from "../store/users.ts";
import type { TurnCaller } from "./fair-turns.ts";
import type { LogInThrottle } from "./log-in-throttle.ts";
import { networkOf } from "./network-of.ts";
import { HasherBusyError, type PasswordHasher } from "./password-hash.ts";
import { normaliseUsername } from "./username.ts";

/**
 * Whether a password is right. An unknown user, one without a password and a wrong one cost the same and
 * give the same answer; whoever guesses waits, before anything is computed for them.
 */
export interface PasswordCheck {
  atLogIn(username: string, password: string, address: string): Promise<Checked>;
  /** Of somebody who is logged in and about to change how one logs in. */
  again(userId: string, password: string, address: string): Promise<Checked>;
}

export type Checked =
  | { readonly ok: true; readonly user: UserRow }
  | { readonly ok: false; readonly reason: "wrong" }
  | { readonly ok: false; readonly reason: "throttled"; readonly retryAfterMs: number };

export function makePasswordCheck(parts: {
  readonly users: Pick<Users, "find" | "findByName" | "replacePasswordHash">;
  readonly hasher: PasswordHasher;
  readonly throttle: LogInThrottle;
  readonly log: Pick<HubLog, "failure">;
}): PasswordCheck {
  const { users, hasher, throttle, log } = parts;

  async function check(
    account: string,
    find: () => Promise<UserRow | undefined>,
    password: string,
    address: string,
    caller: TurnCaller,
  ): Promise<Checked> {
    const attempt = throttle.attempt(account, address);
    if (!attempt.ok) return { ...attempt, reason: "throttled" };
    const user = await find();
    try {
      const isRight = await hasher.verify(password, user?.password_hash ?? null, caller);
      if (!isRight || user === undefined) return { ok: false, reason: "wrong" };
    } catch (error) {
      if (!(error instanceof HasherBusyError)) throw error;
      attempt.withdrawn();
      return { ok: false, reason: "throttled", retryAfterMs: error.retryAfterMs };
    }
    attempt.succeeded();
    void renewHash(user, password);
    return { ok: true, user };
  }

  /** Nobody waits for it. What does not come about now does after the next log-in. */
  async function renewHash({ user_id, password_hash: former }: UserRow, password: string) {
    if (former === null || !hasher.needsRehash(former)) return;
    try {
      const next = await hasher.hash(password, { kind: "account", key: user_id });
      await users.replacePasswordHash(user_id, former, next);
    } catch (error) {
      if (error instanceof HasherBusyError) return;
      log.failure("password not hashed anew", error, { userId: user_id });
    }
  }

  return {
    atLogIn(text, password, address) {
      const username = normaliseUsername(text);
      const caller = { kind: "network", key: networkOf(address) } as const;
      return check(username, () => users.findByName(username), password, address, caller);
    },
    again(userId, password, address) {
      const caller = { kind: "account", key: userId } as const;
      return check(userId, () => users.find(userId), password, address, caller);
    },
  };
}
