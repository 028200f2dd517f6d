import type { Store } from "./open-store.ts";

/** What a change of somebody's factors stands on: the login that makes it, and the account as it was. */
export interface Standing {
  readonly loginId: string | null;
  readonly epoch: number;
  readonly nowMs: number;
}

/** Part of a transaction: the login is live, and no password was changed and no logins ended since. */
export async function stillStands(
  db: Store,
  userId: string,
  { loginId, epoch, nowMs }: Standing,
): Promise<boolean> {
  if (loginId === null) return false;
  const row = await db
    .selectFrom("logins")
    .innerJoin("users", "users.user_id", "logins.user_id")
    .select("login_id")
    .where("login_id", "=", loginId)
    .where("users.user_id", "=", userId)
    .where("expires_at_ms", ">", nowMs)
    .where("epoch", "=", epoch)
    .executeTakeFirst();
  return row !== undefined;
}

/** Part of a transaction: whoever acts upon others may still do so. Null: the console, which always may. */
export async function isStillAdmin(db: Store, userId: string | null): Promise<boolean> {
  if (userId === null) return true;
  const row = await db
    .selectFrom("users")
    .select("user_id")
    .where("user_id", "=", userId)
    .where("role", "=", "admin")
    .executeTakeFirst();
  return row !== undefined;
}
