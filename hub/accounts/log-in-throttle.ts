import type { Clock } from "@leapmux/shared/platform/platform.ts";
import { networkOf } from "./network-of.ts";
import { makeThrottle } from "./throttle.ts";

/**
 * Slows down guessing at log-in without giving strangers a way to lock an owner out. Three counts:
 *
 *  - account and address together: three failures are free, then the delay grows;
 *  - the address over all accounts: twenty are free, so that an office behind one address can mistype;
 *  - the account over all addresses: never a delay of its own. While it has many failures, each address gets
 *    a single free try and then waits 30 s and more. So many strangers with many addresses are slowed down,
 *    and the owner, at an address that did nothing wrong, still comes in with the first right password.
 *
 * Strangers at the owner's own address can make the owner wait, for five minutes at most.
 */
export interface LogInThrottle {
  /** Counts as failed from now on, until `succeeded` or `withdrawn` is called. */
  attempt(account: string, address: string): LogInAttempt;
  /** Where the proof says whose it is: there is no account to count by that all others do not share. */
  attemptOfAnybody(address: string): LogInAttempt;
}

export type LogInAttempt =
  | {
      readonly ok: true;
      succeeded(): void;
      /** Nothing was looked at: it was no try. */
      withdrawn(): void;
    }
  | { readonly ok: false; readonly retryAfterMs: number };

/** Failures at one account within an hour that look like more than its owner's bad memory. */
const manyFailures = 30;

export function makeLogInThrottle({
  clock,
}: {
  readonly clock: Pick<Clock, "now">;
}): LogInThrottle {
  const pairs = makeThrottle({ clock });
  const attackedPairs = makeThrottle({ clock, freeFailures: 0, firstDelayMs: 30_000 });
  const addresses = makeThrottle({ clock, freeFailures: 20 });
  const accounts = makeThrottle({ clock });

  return {
    attempt(account, rawAddress) {
      // What is no user name cannot be one either; it must not fill the memory.
      const accountKey = [account.slice(0, 64).toLowerCase()];
      const addressKey = [networkOf(rawAddress)];
      const pairKey = [`${accountKey[0]} ${addressKey[0]}`];
      const isAttacked = accounts.failures(accountKey[0] ?? "") > manyFailures;
      const retryAfterMs = Math.max(
        pairs.check(pairKey),
        addresses.check(addressKey),
        isAttacked ? attackedPairs.check(pairKey) : 0,
      );
      if (retryAfterMs > 0) return { ok: false, retryAfterMs };
      const counted = [
        [pairs, pairKey],
        [attackedPairs, pairKey],
        [addresses, addressKey],
        [accounts, accountKey],
      ] as const;
      for (const [throttle, key] of counted) throttle.failed(key);
      return {
        ok: true,
        succeeded() {
          pairs.succeeded(pairKey);
          attackedPairs.succeeded(pairKey);
          // Shared with others: an account of one's own must not clear the way to those of others.
          addresses.takeBack(addressKey);
          accounts.takeBack(accountKey);
        },
        withdrawn() {
          for (const [throttle, key] of counted) throttle.withdraw(key);
        },
      };
    },

    attemptOfAnybody(rawAddress) {
      const addressKey = [networkOf(rawAddress)];
      const retryAfterMs = addresses.check(addressKey);
      if (retryAfterMs > 0) return { ok: false, retryAfterMs };
      addresses.failed(addressKey);
      return {
        ok: true,
        succeeded: () => addresses.takeBack(addressKey),
        withdrawn: () => addresses.withdraw(addressKey),
      };
    },
  };
}
