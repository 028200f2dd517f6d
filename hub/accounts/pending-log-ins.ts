import type { Clock } from "@leapmux/shared/platform/platform.ts";
import type { UserRow } from "../store/schema.ts";

/**
 * Log-ins whose password was right and that wait for a second factor: bounded, five minutes, and few wrong
 * proofs each, so that a code of six digits cannot be guessed.
 */
export interface PendingLogIns {
  add(challenge: string, user: UserRow): void;
  /** Counts the try. Undefined: unknown, expired or tried too often. */
  attempt(challenge: string): Pick<UserRow, "user_id" | "epoch"> | undefined;
  /** Takes a try back at which no proof was looked at. */
  takeBack(challenge: string): void;
  remove(challenge: string): void;
}

const lifeMs = 5 * 60_000;
const maxAttempts = 5;
const maxPending = 10_000;

export function makePendingLogIns(clock: Pick<Clock, "now">): PendingLogIns {
  const pending = new Map<
    string,
    { readonly user_id: string; readonly epoch: number; readonly untilMs: number; attempts: number }
  >();
  return {
    add(challenge, { user_id, epoch }) {
      const untilMs = clock.now() + lifeMs;
      pending.set(challenge, { user_id, epoch, untilMs, attempts: 0 });
      for (const [oldest, { untilMs: endMs }] of pending) {
        if (pending.size <= maxPending && endMs > clock.now()) break;
        pending.delete(oldest);
      }
    },
    attempt(challenge) {
      const found = pending.get(challenge);
      if (found === undefined) return undefined;
      found.attempts += 1;
      if (found.untilMs <= clock.now() || found.attempts > maxAttempts) {
        pending.delete(challenge);
        return undefined;
      }
      return found;
    },
    takeBack(challenge) {
      const found = pending.get(challenge);
      if (found !== undefined) found.attempts -= 1;
    },
    remove: (challenge) => void pending.delete(challenge),
  };
}
