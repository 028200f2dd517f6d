import type { Authenticator, Principal } from "./authenticator.ts";

/** What stands where a user id does, in rows and answers, when the console acted. */
export const consoleId = "console";

/**
 * Whoever may read and write the data directory: everything is open to them anyhow. The id is no user's, so
 * that what is written about who acted says so.
 */
const consolePrincipal: Principal = { userId: consoleId, role: "admin", loginId: null };

/** For calls inside one process, never for a listener. */
export const consoleAuthenticator: Authenticator = {
  authenticate: () => Promise.resolve(consolePrincipal),
  follow: () => () => undefined,
  hasExpired: () => Promise.resolve(false),
  isStillValid: () => Promise.resolve(true),
  renew: () => Promise.resolve(consolePrincipal),
};

export function isConsole({ userId }: Principal): boolean {
  return userId === consoleId;
}
