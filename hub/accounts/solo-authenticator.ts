import type { Authenticator, Principal } from "./authenticator.ts";

const solo: Principal = { userId: "solo", role: "admin", loginId: null };

/**
 * Every request is the admin `solo`: the trust boundary is the host. What keeps websites out are the
 * checks of Host and Origin that come before (ops/check-request-source).
 */
export const soloAuthenticator: Authenticator = {
  authenticate: () => Promise.resolve(solo),
  follow: () => () => undefined,
  hasExpired: () => Promise.resolve(false),
  isStillValid: (principal) => Promise.resolve(principal.userId === solo.userId),
  renew: (principal) => Promise.resolve(principal.userId === solo.userId ? solo : null),
};

/** It is nobody in the database. */
export function isSolo({ userId }: Principal): boolean {
  return userId === solo.userId;
}
