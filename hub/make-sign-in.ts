import { makeTokenBuckets } from "@leapmux/shared/limits/token-buckets.ts";
import type { Random } from "@leapmux/shared/platform/platform.ts";
import type { AuditLog } from "./audit/audit-log.ts";
import { makeBrowserCookie } from "./accounts/browser-cookie.ts";
import { makeShortLived } from "./accounts/short-lived.ts";
import type { HubLimits } from "./config/hub-limits.ts";
import type { Keystore } from "./keystore/keystore.ts";
import type { HubClock } from "./ops/hub-clock.ts";
import { makeConnectProvider, type ConnectProvider } from "./sign-in/connect-provider.ts";
import { makeSignUpDesk } from "./sign-in/pending-sign-up.ts";
import { makeProviderFetch } from "./sign-in/provider-fetch.ts";
import { makeSignInAttempts } from "./sign-in/sign-in-attempts.ts";
import type { SignIn } from "./sign-in/sign-in.ts";
import type { SignInOutcome } from "./sign-in/sign-in-outcome.ts";
import { makeIdentities } from "./store/identities.ts";
import type { Store } from "./store/open-store.ts";
import { makePendingSignUps } from "./store/pending-sign-ups.ts";
import { makeProviders } from "./store/providers.ts";

const maxCountedNetworks = 20_000;
/** As long as an attempt, and what it leads to. */
const cookieSeconds = 20 * 60;

/** How providers are asked. */
export function makeProviderConnection(given: {
  readonly keystore: Keystore;
  readonly clock: HubClock;
  readonly limits: HubLimits;
  readonly allowLoopback: boolean;
}): ConnectProvider {
  const { keystore, clock, limits, allowLoopback } = given;
  const fetchOf = makeProviderFetch({
    clock,
    timeoutMs: limits.providerTimeoutMs,
    maxBytes: limits.maxProviderBytes,
    maxRequests: limits.maxProviderRequests,
    allowLoopback,
  });
  return makeConnectProvider({ keystore, clock, allowLoopback, fetchOf });
}

/** The part of the hub's context that is about providers of identities. */
export function makeSignIn(given: {
  readonly audit: AuditLog;
  readonly store: Store;
  readonly keystore: Keystore;
  readonly clock: HubClock;
  readonly random: Random;
  readonly limits: HubLimits;
  /** Its cookies are secure. */
  readonly isSecure: boolean;
  readonly allowLoopback: boolean;
}): SignIn {
  const { audit, store, keystore, clock, random, limits, isSecure, allowLoopback } = given;
  const wallMs = (): number => clock.wallMs();
  return {
    audit,
    providers: makeProviders(store, limits),
    identities: makeIdentities(store, limits),
    keystore,
    allowLoopback,
    connect: makeProviderConnection(given),
    attempts: makeSignInAttempts({ clock, random, ...limits }),
    outcomes: makeShortLived<SignInOutcome>(clock, { maxEntries: limits.maxSignIns }),
    signUpDesk: makeSignUpDesk({
      pendingSignUps: makePendingSignUps(store, limits),
      keystore,
      lifeMs: limits.pendingSignUpMs,
      wallMs,
    }),
    begins: makeTokenBuckets({
      clock,
      burst: limits.signInsPerMinute,
      perMinute: limits.signInsPerMinute,
      maxKeys: maxCountedNetworks,
    }),
    cookie: makeBrowserCookie({
      name: "leapmux-sign-in",
      maxAgeSeconds: cookieSeconds,
      isSecure,
    }),
  };
}
