/** Why a login or an API token is over: kept with the revocation, and told to whoever stood on it. */
export const loginEndReasons = [
  "logged_out",
  "ended_by_user",
  "ended_by_admin",
  "password_changed",
  "password_reset",
  "account_deleted",
  "expired",
  /** Of a token: somebody used a refresh token that had been used before. */
  "refresh_reused",
] as const;

export type LoginEndReason = (typeof loginEndReasons)[number];
