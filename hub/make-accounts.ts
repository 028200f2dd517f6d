import { makeTokenBuckets } from "@leapmux/shared/limits/token-buckets.ts";
import type { Random } from "@leapmux/shared/platform/platform.ts";
import { makePasswordCheck } from "./accounts/check-password.ts";
import { chooseAuthenticator } from "./accounts/choose-authenticator.ts";
import { makeCliLogins } from "./accounts/cli-logins.ts";
import { makeTokenIssue } from "./accounts/issue-token.ts";
import { makeLogInThrottle } from "./accounts/log-in-throttle.ts";
import { makeLoginAuthenticator } from "./accounts/login-authenticator.ts";
import { makeLoginCookie } from "./accounts/login-cookie.ts";
import { makeLoginLife } from "./accounts/login-life.ts";
import { makeOpenLogin } from "./accounts/open-login.ts";
import { makePasswordHasher } from "./accounts/password-hash.ts";
import { makePasswordTurns } from "./accounts/password-turns.ts";
import { makePendingLogIns } from "./accounts/pending-log-ins.ts";
import { noSecondFactors } from "./accounts/second-factors.ts";
import { makeSetUp } from "./accounts/set-up.ts";
import { makeThrottle } from "./accounts/throttle.ts";
import { makeTokenAuthenticator } from "./accounts/token-authenticator.ts";
import { makeTokenUses } from "./accounts/token-uses.ts";
import { watchRevocations, type RevocationWatch } from "./accounts/watch-revocations.ts";
import type { HubOptions } from "./context.ts";
import { makeFactors } from "./make-factors.ts";
import type { HubLog } from "./ops/hub-log.ts";
import type { Keystore } from "./keystore/keystore.ts";
import { makeMailer } from "./ops/mailer.ts";
import type { AnnounceChange } from "./relay/announce-change.ts";
import type { Relay } from "./relay/relay.ts";
import type { AccountParts } from "./rpc/account-parts.ts";
import { makeApiTokens } from "./store/api-tokens.ts";
import { makeInvitations } from "./store/invitations.ts";
import type { KeyedHash } from "./store/keyed-hash.ts";
import { makeLogins } from "./store/logins.ts";
import type { Store } from "./store/open-store.ts";
import { makeRevocationEvents, type RevocationEvents } from "./store/revocation-events.ts";
import { makeUserAdministration } from "./store/user-administration.ts";
import { makeUsers } from "./store/users.ts";

/** The half of the hub's context that is about who may come in and for how long. */
export interface Accounts {
  readonly parts: AccountParts;
  readonly events: RevocationEvents;
  readonly watch: RevocationWatch;
  /** Resolves once there is an admin, with the one who is there longest. */
  readonly firstAdmin: Promise<string>;
}

const defaultIdleMs = 7 * 24 * 60 * 60_000;
const maxCountedNetworks = 20_000;

export async function makeAccounts(given: {
  readonly options: HubOptions;
  readonly store: Store;
  readonly relay: Relay;
  /** Where people open this hub; known once it listens. */
  readonly ownUrl: () => string;
  readonly keyedHash: KeyedHash;
  /** Null in solo, which seals nothing. */
  readonly keystore: Keystore | null;
  readonly announceChange: AnnounceChange;
  readonly random: Random;
  readonly log: HubLog;
}): Promise<Accounts> {
  const { options, store, relay, keyedHash, announceChange, random, log } = given;
  const { limits, clock } = relay;
  const { wallMs } = clock;
  const idleMs = options.loginIdleMs ?? defaultIdleMs;

  const users = makeUsers(store, limits);
  const logins = makeLogins(store, limits);
  const events = makeRevocationEvents(store);
  const cookie = makeLoginCookie(options.publicUrl?.startsWith("https:") === true);
  const life = makeLoginLife({ logins, idleMs, wallMs });
  const byLogin = makeLoginAuthenticator({ logins, keyedHash, cookie, life, wallMs });
  const tokens = makeApiTokens(store, limits);
  const uses = makeTokenUses({ tokens, wallMs });
  const tokenFailures = makeThrottle({ clock, freeFailures: limits.freeTokenFailures });
  const byToken = makeTokenAuthenticator({
    ...{ tokens, keyedHash, cookie, uses, wallMs },
    failures: tokenFailures,
    others: byLogin,
  });
  const hasher = makePasswordHasher(makePasswordTurns(limits));
  const throttle = makeLogInThrottle({ clock });
  const perNetwork = {
    clock,
    burst: limits.startsPerMinute,
    perMinute: limits.startsPerMinute,
    maxKeys: maxCountedNetworks,
  };
  const { factors, factorParts } =
    given.keystore === null
      ? { factors: noSecondFactors, factorParts: null }
      : makeFactors({ ...given, keystore: given.keystore, clock, limits });

  const watch = await watchRevocations({
    events,
    logins,
    life,
    tokens,
    uses,
    relay,
    clock,
    log,
    onWorkerRevoked: (workerId) => relay.revokeWorker(workerId),
  });

  const firstAdmin = Promise.withResolvers<string>();
  const admin = await users.firstAdmin();
  if (admin !== undefined) firstAdmin.resolve(admin.user_id);
  const isSetUpNeeded = options.kind !== "solo" && (await users.isEmpty());

  return {
    events,
    watch,
    firstAdmin: firstAdmin.promise,
    parts: {
      users,
      userAdministration: makeUserAdministration(store),
      logins,
      invitations: makeInvitations(store, limits),
      tokens,
      tokenIssue: makeTokenIssue({
        ...{ tokens, keyedHash, random, limits, wallMs },
        refreshes: makeTokenBuckets({
          clock,
          burst: limits.refreshesPerMinute,
          perMinute: limits.refreshesPerMinute,
        }),
      }),
      tokenFailures,
      authenticator: chooseAuthenticator(options.kind, byToken),
      cookie,
      openLogin: makeOpenLogin({ logins, keyedHash, random, idleMs, wallMs }),
      hasher,
      factorThrottles: {
        totpCode: makeLogInThrottle({ clock }),
        recoveryCode: makeLogInThrottle({ clock }),
        passkeyJson: makeLogInThrottle({ clock }),
      },
      passwords: makePasswordCheck({ users, hasher, throttle, log }),
      factors,
      factorParts,
      mailer: options.mail == null ? null : makeMailer(options.mail),
      ownUrl: given.ownUrl,
      pending: makePendingLogIns(clock),
      cliLogins: makeCliLogins({
        clock,
        random,
        maxWaiting: limits.maxCliLogins,
        maxPerNetwork: limits.maxCliLoginsPerNetwork,
      }),
      setUp: makeSetUp(isSetUpNeeded, random, keyedHash),
      isSignUpEnabled: options.isSignUpEnabled === true,
      onSetUp: firstAdmin.resolve,
      starts: makeTokenBuckets(perNetwork),
      signUps: makeTokenBuckets(perNetwork),
      reactToRevocations: watch.react,
      announceChange,
      keyedHash,
      random,
      wallMs,
      limits,
      log,
    },
  };
}
