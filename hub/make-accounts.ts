import { makeTokenBuckets } from "@leapmux/shared/limits/token-buckets.ts";
import type { Random } from "@leapmux/shared/platform/platform.ts";
import type { AuditLog } from "./audit/audit-log.ts";
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
import type { HubOptions } from "./hub-options.ts";
import { makeFactors } from "./make-factors.ts";
import { makeSignIn } from "./make-sign-in.ts";
import type { Keystore } from "./keystore/keystore.ts";
import type { HubLog } from "./ops/hub-log.ts";
import { makeLiveMailer, type LiveMailer } from "./ops/live-mailer.ts";
import type { AnnounceChange } from "./relay/announce-change.ts";
import { orderDeregistration } from "./relay/deregister-worker.ts";
import type { Relay } from "./relay/relay.ts";
import type { AccountParts } from "./rpc/account-parts.ts";
import type { LiveSettings } from "./settings/live-settings.ts";
import { makeApiTokens } from "./store/api-tokens.ts";
import { makeInvitations } from "./store/invitations.ts";
import type { KeyedHash } from "./store/keyed-hash.ts";
import { makeLogins } from "./store/logins.ts";
import type { Workers } from "./store/workers.ts";
import type { Store } from "./store/open-store.ts";
import { makeRevocationEvents, type RevocationEvents } from "./store/revocation-events.ts";
import { makeUserAdministration } from "./store/user-administration.ts";
import { makeUsers } from "./store/users.ts";

/** The half of the hub's context that is about who may come in and for how long. */
export interface Accounts {
  readonly parts: AccountParts;
  readonly events: RevocationEvents;
  readonly watch: RevocationWatch;
  readonly mailer: LiveMailer;
  /** Resolves once there is an admin, with the one who is there longest. */
  readonly firstAdmin: Promise<string>;
}

const maxCountedNetworks = 20_000;

export async function makeAccounts(given: {
  readonly options: HubOptions;
  readonly store: Store;
  readonly relay: Relay;
  /** Where people open this hub; known once it listens. */
  readonly ownUrl: () => string;
  readonly workers: Workers;
  readonly keyedHash: KeyedHash;
  readonly audit: AuditLog;
  /** Null in solo, which seals nothing. */
  readonly keystore: Keystore | null;
  readonly settings: LiveSettings;
  readonly announceChange: AnnounceChange;
  readonly random: Random;
  readonly log: HubLog;
}): Promise<Accounts> {
  const { options, store, relay, keyedHash, settings, announceChange, random, log } = given;
  const { limits, clock } = relay;
  const { wallMs } = clock;
  /** Asked at each use: admins change it while the hub runs. */
  const idleMs = (): number => settings.value("login_idle_time");

  const users = makeUsers(store, limits);
  const logins = makeLogins(store, limits);
  const events = makeRevocationEvents(store);
  const cookie = makeLoginCookie(options.publicUrl?.startsWith("https:") === true);
  const life = makeLoginLife({
    ...{ logins, wallMs },
    get idleMs() {
      return idleMs();
    },
  });
  const byLogin = makeLoginAuthenticator({ logins, keyedHash, cookie, life, wallMs });
  const tokens = makeApiTokens(store, limits);
  const uses = makeTokenUses({ tokens, wallMs });
  const tokenFailures = makeThrottle({
    clock,
    get freeFailures() {
      return limits.freeTokenFailures;
    },
  });
  const byToken = makeTokenAuthenticator({
    ...{ tokens, keyedHash, cookie, uses, wallMs },
    failures: tokenFailures,
    others: byLogin,
  });
  const hasher = makePasswordHasher(makePasswordTurns(limits));
  const throttle = makeLogInThrottle({ clock });
  const perNetwork = {
    clock,
    get burst() {
      return limits.startsPerMinute;
    },
    get perMinute() {
      return limits.startsPerMinute;
    },
    maxKeys: maxCountedNetworks,
  };
  const { factors, factorParts } =
    given.keystore === null
      ? { factors: noSecondFactors, factorParts: null }
      : makeFactors({ ...given, keystore: given.keystore, clock, limits });

  const isSecure = options.publicUrl?.startsWith("https:") === true;
  const signIn =
    given.keystore === null
      ? null
      : makeSignIn({
          ...{
            store,
            keystore: given.keystore,
            clock,
            random,
            limits,
            isSecure,
            audit: given.audit,
          },
          allowLoopback: options.allowLoopbackProviders === true,
        });

  const watch = await watchRevocations({
    events,
    logins,
    life,
    tokens,
    uses,
    relay,
    clock,
    log,
    async onWorkerRevoked(workerId) {
      const link = relay.workers.get(workerId);
      const row = link && (await given.workers.find(workerId));
      // One that is to stop for good is told so, and waits for that; one whose row is gone just ends.
      if (link !== undefined && row?.deregistering === 1) orderDeregistration(relay, link);
      else relay.revokeWorker(workerId);
    },
  });

  const liveMailer = makeLiveMailer(() => settings.mail());
  /** A shorter time counts for those too that are idle already. */
  const shortenLogins = async (): Promise<void> => {
    await logins
      .shorten(idleMs())
      .catch((error: unknown) => log.failure("logins could not be shortened", error));
  };
  settings.onChanged(() => void shortenLogins());
  // It may have been changed while no hub ran, or be pinned by this start.
  await shortenLogins();

  const firstAdmin = Promise.withResolvers<string>();
  const admin = await users.firstAdmin();
  if (admin !== undefined) firstAdmin.resolve(admin.user_id);
  const isSetUpNeeded = options.kind !== "solo" && (await users.isEmpty());

  return {
    events,
    watch,
    mailer: liveMailer,
    firstAdmin: firstAdmin.promise,
    parts: {
      users,
      userAdministration: makeUserAdministration(store, limits),
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
      openLogin: makeOpenLogin({
        ...{ logins, keyedHash, random, wallMs },
        get idleMs() {
          return idleMs();
        },
      }),
      hasher,
      factorThrottles: {
        totpCode: makeLogInThrottle({ clock }),
        recoveryCode: makeLogInThrottle({ clock }),
        passkeyJson: makeLogInThrottle({ clock }),
      },
      passwords: makePasswordCheck({ users, hasher, throttle, log }),
      factors,
      factorParts,
      signIn,
      mailer: liveMailer.current,
      ownUrl: given.ownUrl,
      pending: makePendingLogIns(clock),
      cliLogins: makeCliLogins({
        clock,
        random,
        maxWaiting: limits.maxCliLogins,
        maxPerNetwork: limits.maxCliLoginsPerNetwork,
      }),
      setUp: makeSetUp(isSetUpNeeded, random, keyedHash),
      maySignUp: () => settings.value("signup_enabled"),
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
