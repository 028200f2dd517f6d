import type { UserRow } from "../store/schema.ts";
import type { Users } from "../store/users.ts";
import type { LogInThrottle } from "./log-in-throttle.ts";
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
  readonly users: Pick<Users, "find" | "findByName">;
  readonly hasher: Pick<PasswordHasher, "verify">;
  readonly throttle: LogInThrottle;
}): PasswordCheck {
  const { users, hasher, throttle } = parts;

  async function check(
    account: string,
    find: () => Promise<UserRow | undefined>,
    password: string,
    address: string,
  ): Promise<Checked> {
    const attempt = throttle.attempt(account, address);
    if (!attempt.ok) return { ...attempt, reason: "throttled" };
    const user = await find();
    try {
      const isRight = await hasher.verify(password, user?.password_hash ?? null);
      if (!isRight || user === undefined) return { ok: false, reason: "wrong" };
    } catch (error) {
      if (!(error instanceof HasherBusyError)) throw error;
      return { ok: false, reason: "throttled", retryAfterMs: error.retryAfterMs };
    }
    attempt.succeeded();
    return { ok: true, user };
  }

  return {
    atLogIn(text, password, address) {
      const username = normaliseUsername(text);
      return check(username, () => users.findByName(username), password, address);
    },
    again: (userId, password, address) =>
      check(userId, () => users.find(userId), password, address),
  };
}
