import type { Store } from "./open-store.ts";

/** The recovery codes that are left, as keyed hashes. */
export interface RecoveryCodes {
  count(userId: string): Promise<number>;
  /** In place of the former ones. False for somebody without a second factor, for whom they would do nothing. */
  replace(userId: string, hashes: readonly string[]): Promise<boolean>;
  /** True once for each code: of two who show the same one gets in. */
  use(userId: string, hash: string): Promise<boolean>;
}

export function makeRecoveryCodes(store: Store): RecoveryCodes {
  return {
    async count(userId) {
      const { count } = await store
        .selectFrom("recovery_codes")
        .select((of) => of.fn.countAll().as("count"))
        .where("user_id", "=", userId)
        .executeTakeFirstOrThrow();
      return Number(count);
    },

    replace: (userId, hashes) =>
      store.transaction().execute(async (db) => {
        if (!(await hasFactor(db, userId))) return false;
        await replaceCodes(db, userId, hashes);
        return true;
      }),

    async use(userId, hash) {
      const { numDeletedRows } = await store
        .deleteFrom("recovery_codes")
        .where("user_id", "=", userId)
        .where("code_hash", "=", hash)
        .executeTakeFirstOrThrow();
      return numDeletedRows === 1n;
    },
  };
}

/** Part of a transaction. */
export async function replaceCodes(
  db: Store,
  userId: string,
  hashes: readonly string[],
): Promise<void> {
  await db.deleteFrom("recovery_codes").where("user_id", "=", userId).execute();
  const rows = hashes.map((code_hash) => ({ code_hash, user_id: userId }));
  if (rows.length > 0) await db.insertInto("recovery_codes").values(rows).execute();
}

/** Part of a transaction: without a second factor nobody needs recovery codes. */
export async function dropIdleCodes(db: Store, userId: string): Promise<void> {
  if (!(await hasFactor(db, userId))) await replaceCodes(db, userId, []);
}

async function hasFactor(db: Store, userId: string): Promise<boolean> {
  for (const table of ["totp", "passkeys"] as const) {
    const row = await db
      .selectFrom(table)
      .select("user_id")
      .where("user_id", "=", userId)
      .limit(1)
      .executeTakeFirst();
    if (row !== undefined) return true;
  }
  return false;
}
