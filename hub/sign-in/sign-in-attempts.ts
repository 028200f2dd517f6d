import type { Clock, Random } from "@leapmux/shared/platform/platform.ts";

/**
 * Sign-ins that a browser is away for, at the provider. Each is known by its state, is good once and for ten
 * minutes, and only for the browser that began it. In memory: whoever is under way while the hub starts anew begins
 * again, and nothing of it can be found in a database.
 */
export interface SignInAttempts {
  /** Null: too many of this network are under way. Beyond the bound of all, the network with most of them pays. */
  begin(begun: Begun): SignInAttempt | null;
  /**
   * For the last time, if it is this browser's. Whatever comes for another provider ends it as well: its code may
   * be in the wrong hands.
   */
  take(asked: {
    readonly state: string;
    readonly providerId: string;
    readonly browser: string;
  }): SignInAttempt | null;
  /** What the provider had the browser post from its own page, where no cookie of ours comes along. */
  keepAnswer(state: string, providerId: string, answer: URLSearchParams): boolean;
}

export interface Begun {
  readonly providerId: string;
  /** The secret that the browser holds. */
  readonly browser: string;
  readonly network: string;
  readonly returnTo: string;
  /** Set: the identity is to be linked to the account of this login. */
  readonly link: LinkRequest | null;
}

export interface LinkRequest {
  readonly userId: string;
  readonly loginId: string;
  readonly epoch: number;
}

export interface SignInAttempt extends Begun {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly answer: URLSearchParams | null;
}

const lifeMs = 10 * 60_000;

export function makeSignInAttempts(options: {
  readonly clock: Pick<Clock, "now">;
  readonly random: Random;
  readonly maxSignIns: number;
  readonly maxSignInsPerNetwork: number;
}): SignInAttempts {
  const { clock, random, maxSignIns, maxSignInsPerNetwork } = options;
  /** The oldest first, as all live equally long. */
  const attempts = new Map<string, SignInAttempt & { readonly untilMs: number }>();
  const secret = (): string => Buffer.from(random(32)).toString("base64url");

  function forgetExpired(): void {
    for (const [state, { untilMs }] of attempts) {
      if (untilMs > clock.now()) return;
      attempts.delete(state);
    }
  }

  function countByNetwork(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { network } of attempts.values())
      counts.set(network, (counts.get(network) ?? 0) + 1);
    return counts;
  }

  function makeRoom(counts: ReadonlyMap<string, number>): void {
    if (attempts.size < maxSignIns) return;
    const most = Math.max(...counts.values());
    for (const [state, { network }] of attempts) {
      if (counts.get(network) !== most) continue;
      attempts.delete(state);
      return;
    }
  }

  return {
    begin(begun) {
      forgetExpired();
      const counts = countByNetwork();
      if ((counts.get(begun.network) ?? 0) >= maxSignInsPerNetwork) return null;
      makeRoom(counts);
      const made = { state: secret(), nonce: secret(), verifier: secret(), answer: null };
      const attempt = { ...begun, ...made };
      attempts.set(attempt.state, { ...attempt, untilMs: clock.now() + lifeMs });
      return attempt;
    },

    take({ state, providerId, browser }) {
      forgetExpired();
      const attempt = attempts.get(state);
      if (attempt === undefined || attempt.browser !== browser) return null;
      attempts.delete(state);
      return attempt.providerId === providerId ? attempt : null;
    },

    keepAnswer(state, providerId, answer) {
      forgetExpired();
      const attempt = attempts.get(state);
      if (attempt === undefined || attempt.providerId !== providerId) return false;
      if (attempt.answer !== null) return false;
      attempts.set(state, { ...attempt, answer });
      return true;
    },
  };
}
