import type { TokenBuckets } from "@leapmux/shared/limits/token-buckets.ts";
import type { AuditLog } from "../audit/audit-log.ts";
import type { BrowserCookie } from "../accounts/browser-cookie.ts";
import type { ShortLived } from "../accounts/short-lived.ts";
import type { Keystore } from "../keystore/keystore.ts";
import type { Identities } from "../store/identities.ts";
import type { Providers } from "../store/providers.ts";
import type { ConnectProvider } from "./connect-provider.ts";
import type { SignUpDesk } from "./pending-sign-up.ts";
import type { SignInAttempts } from "./sign-in-attempts.ts";
import type { SignInOutcome } from "./sign-in-outcome.ts";

/** What signing in with providers works with; made by the hub's context. */
export interface SignIn {
  /** A browser that comes back is no call, so what becomes of it is appended directly. */
  readonly audit: Pick<AuditLog, "record">;
  readonly providers: Providers;
  readonly identities: Identities;
  readonly connect: ConnectProvider;
  readonly keystore: Keystore;
  /** Issuers may be on this host, without TLS. */
  readonly allowLoopback: boolean;
  readonly attempts: SignInAttempts;
  /** By the secret of the browser. */
  readonly outcomes: ShortLived<SignInOutcome>;
  readonly signUpDesk: SignUpDesk;
  /** By network: sign-ins that are begun. */
  readonly begins: TokenBuckets;
  /** Holds the secret of the browser. */
  readonly cookie: BrowserCookie;
}

export const callbackPathOf = (providerId: string): string => `/auth/oauth/${providerId}/callback`;
