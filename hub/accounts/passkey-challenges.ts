import { createHmac, timingSafeEqual } from "node:crypto";
import type { Clock, Random } from "@leapmux/shared/platform/platform.ts";

/**
 * Challenges for whoever wants to log in by passkey alone. Anybody may ask for one, so nothing is kept for it
 * that strangers could fill up: it proves itself by a code over its time, with a key of this process. What
 * is kept are the used ones, and only a valid passkey uses one up.
 */
export interface PasskeyChallenges {
  /** Base64url. */
  make(): string;
  /** Made here, not too old, not used. */
  isGood(challenge: string): boolean;
  /** False: somebody used it before. */
  use(challenge: string): boolean;
}

const lifeMs = 5 * 60_000;
const nonceBytes = 16;
const timeBytes = 8;
const codeBytes = 32;

export function makePasskeyChallenges({
  clock,
  random,
}: {
  readonly clock: Pick<Clock, "now">;
  readonly random: Random;
}): PasskeyChallenges {
  const key = random(32);
  /** With the time from which on their age alone refuses them, the oldest use first. */
  const used = new Map<string, number>();
  const codeOf = (body: Uint8Array): Buffer => createHmac("sha256", key).update(body).digest();

  function isGood(challenge: string): boolean {
    const bytes = Buffer.from(challenge.slice(0, 128), "base64url");
    // One challenge, one text, or a used one could come back in another.
    if (bytes.toString("base64url") !== challenge) return false;
    if (bytes.length !== nonceBytes + timeBytes + codeBytes) return false;
    const body = bytes.subarray(0, nonceBytes + timeBytes);
    if (!timingSafeEqual(codeOf(body), bytes.subarray(body.length))) return false;
    const ageMs = clock.now() - body.readDoubleBE(nonceBytes);
    return ageMs >= 0 && ageMs < lifeMs && !used.has(challenge);
  }

  return {
    make() {
      const time = Buffer.alloc(timeBytes);
      time.writeDoubleBE(clock.now());
      const body = Buffer.concat([random(nonceBytes), time]);
      return Buffer.concat([body, codeOf(body)]).toString("base64url");
    },
    isGood,
    use(challenge) {
      if (!isGood(challenge)) return false;
      used.set(challenge, clock.now() + lifeMs);
      for (const [oldest, untilMs] of used) {
        if (untilMs > clock.now()) break;
        used.delete(oldest);
      }
      return true;
    },
  };
}
