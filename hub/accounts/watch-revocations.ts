import { every, type HubClock } from "../ops/hub-clock.ts";
import type { HubLog } from "../ops/hub-log.ts";
import type { Relay } from "../relay/relay.ts";
import type { ApiTokens } from "../store/api-tokens.ts";
import type { Logins } from "../store/logins.ts";
import type { RevocationEvents } from "../store/revocation-events.ts";
import { touchEveryMs, type LoginLife } from "./login-life.ts";
import type { TokenUses } from "./token-uses.ts";

/**
 * Makes what the database says about revocations true for what is open here. Whoever revokes in this
 * process calls `react` behind the commit; a look each second finds what other processes wrote, and the
 * logins and tokens whose time has passed. Events are taken in their order, each once, all by the same way.
 */
export interface RevocationWatch {
  /** Resolves when everything that was committed before has been done. */
  react(): Promise<void>;
  /** Nothing is under way any more. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

const keepEventsMs = 24 * 60 * 60_000;
const forgetEveryMs = 60 * 60_000;

export async function watchRevocations(parts: {
  readonly events: RevocationEvents;
  readonly logins: Logins;
  readonly life: LoginLife;
  readonly tokens: ApiTokens;
  readonly uses: TokenUses;
  readonly relay: Relay;
  readonly clock: HubClock;
  readonly log: HubLog;
  /** A worker that may not come back; its row is gone or says so. */
  readonly onWorkerRevoked: (workerId: string) => Promise<void>;
}): Promise<RevocationWatch> {
  const { events, logins, life, tokens, uses, relay, clock, log, onWorkerRevoked } = parts;
  // What happened before cannot concern anything that will be open here.
  let seen = await events.lastSequence();
  let reacting: Promise<void> = Promise.resolve();
  let looking: Promise<void> | null = null;
  let forgottenAtMs = -Infinity;
  let touchedAtMs = new Map<string, number>();

  async function takeEvents(): Promise<void> {
    for (;;) {
      const page = await events.after(seen);
      for (const { sequence, kind, subject, reason } of page) {
        if (kind === "login") relay.revokeLogin(subject, reason);
        else if (kind === "token") relay.revokeToken(subject, reason);
        else await onWorkerRevoked(subject);
        // Behind it: what could not be done is taken again by the next look.
        seen = sequence;
        log.info("revoked", { kind, reason, [`${kind}Id`]: subject });
      }
      if (page.length === 0) return;
    }
  }

  function react(): Promise<void> {
    reacting = reacting.then(takeEvents).catch((error: unknown) => {
      log.failure("revocations could not be read", error);
    });
    return reacting;
  }

  /** Whoever uses a channel uses the login or token that it stands on. */
  async function touchUsed(): Promise<void> {
    const nowMs = clock.now();
    const touched = new Map<string, number>();
    for (const link of relay.clients.values()) {
      const { loginId, token } = link.principal;
      if (token !== undefined && link.takeHeard()) uses.note(token.tokenId);
      if (loginId === null) continue;
      const lastMs = touched.get(loginId) ?? touchedAtMs.get(loginId) ?? -Infinity;
      const isUsed = nowMs - lastMs >= touchEveryMs && link.takeHeard();
      touched.set(loginId, isUsed ? nowMs : lastMs);
      if (isUsed) await life.touch(loginId, -Infinity);
    }
    touchedAtMs = touched;
  }

  /** One step of a look: that it failed keeps nothing else from being done. */
  async function attempt(failure: string, run: () => Promise<unknown>): Promise<void> {
    await run().catch((error: unknown) => log.failure(failure, error));
  }

  async function look(): Promise<void> {
    // First what was revoked; what expires here is found by the second one.
    await react();
    await attempt("use of logins not written", touchUsed);
    const nowMs = clock.wallMs();
    await attempt("use of tokens not written", () => uses.store());
    await attempt("logins could not be expired", () => logins.expire(nowMs));
    await attempt("tokens could not be expired", () => tokens.expire(nowMs));
    await react();
    if (nowMs - forgottenAtMs < forgetEveryMs) return;
    forgottenAtMs = nowMs;
    await events.forgetBefore(nowMs - keepEventsMs);
  }

  const stopLooking = every(clock, relay.limits.revocationCheckMs, () => {
    looking ??= look()
      .catch((error: unknown) => log.failure("logins could not be looked at", error))
      .finally(() => (looking = null));
  });

  async function settled(): Promise<void> {
    await looking;
    await reacting;
  }

  return {
    react,
    settled,
    async stop() {
      stopLooking();
      await settled();
      await uses.store(true);
    },
  };
}
