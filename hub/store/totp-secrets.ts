import type { Store } from "./open-store.ts";
import { dropIdleCodes, replaceCodes } from "./recovery-codes.ts";
import type { TotpRow } from "./schema.ts";
import { stillStands, type Standing } from "./standing.ts";

/** Who uses one-time codes by time. The secrets come and go sealed. */
export interface TotpSecrets {
  find(userId: string): Promise<TotpRow | undefined>;
  /** With the recovery codes that go with it, in place of any former ones. */
  add(
    row: TotpRow,
    recoveryCodeHashes: readonly string[],
    standing: Standing,
  ): Promise<"added" | "already_exists" | "credential_revoked">;
  /** True once for each step, and only forward: of two who show the same code one gets in. */
  accept(userId: string, step: number): Promise<boolean>;
  remove(userId: string): Promise<boolean>;
}

export function makeTotpSecrets(store: Store): TotpSecrets {
  return {
    find: (userId) =>
      store.selectFrom("totp").selectAll().where("user_id", "=", userId).executeTakeFirst(),

    add: (row, recoveryCodeHashes, standing) =>
      store.transaction().execute(async (db) => {
        if (!(await stillStands(db, row.user_id, standing))) return "credential_revoked";
        const added = await db
          .insertInto("totp")
          .values(row)
          .onConflict((conflict) => conflict.doNothing())
          .returning("user_id")
          .executeTakeFirst();
        if (added === undefined) return "already_exists";
        await replaceCodes(db, row.user_id, recoveryCodeHashes);
        return "added";
      }),

    async accept(userId, step) {
      const { numUpdatedRows } = await store
        .updateTable("totp")
        .set({ last_step: step })
        .where("user_id", "=", userId)
        .where("last_step", "<", step)
        .executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },

    remove: (userId) =>
      store.transaction().execute(async (db) => {
        const { numDeletedRows } = await db
          .deleteFrom("totp")
          .where("user_id", "=", userId)
          .executeTakeFirstOrThrow();
        await dropIdleCodes(db, userId);
        return numDeletedRows === 1n;
      }),
  };
}
