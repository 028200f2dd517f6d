/** Why a login is over: kept with the revocation, and told to whoever stood on it. */
export const loginEndReasons = [
  "logged_out",
  "ended_by_user",
  "ended_by_admin",
  "password_changed",
  "password_reset",
  "account_deleted",
  "expired",
] as const;

export type LoginEndReason = (typeof loginEndReasons)[number];
