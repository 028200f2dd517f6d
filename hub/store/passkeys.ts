import type { Store } from "./open-store.ts";
import { dropIdleCodes } from "./recovery-codes.ts";
import type { PasskeyRow } from "./schema.ts";
import { stillStands, type Standing } from "./standing.ts";
import { hasWayIn } from "./ways-in.ts";

/** The passkeys of accounts. A credential belongs to one account and counts upwards. */
export interface Passkeys {
  list(userId: string): Promise<PasskeyRow[]>;
  find(credentialId: string): Promise<PasskeyRow | undefined>;
  add(
    row: PasskeyRow,
    standing: Standing,
  ): Promise<"added" | "already_exists" | "limit_reached" | "credential_revoked">;
  /** False when it was used or removed since it was read: of two with the same counter one gets in. */
  storeUse(
    row: PasskeyRow,
    use: { readonly counter: number; readonly atMs: number },
  ): Promise<boolean>;
  /** Refused where nothing else lets its owner in. */
  remove(userId: string, credentialId: string): Promise<"removed" | "not_found" | "sole_way_in">;
}

export function makePasskeys(store: Store, limits: { readonly maxPasskeys: number }): Passkeys {
  return {
    list: (userId) =>
      store
        .selectFrom("passkeys")
        .selectAll()
        .where("user_id", "=", userId)
        .orderBy("created_at_ms")
        .orderBy("credential_id")
        .execute(),

    find: (credentialId) =>
      store
        .selectFrom("passkeys")
        .selectAll()
        .where("credential_id", "=", credentialId)
        .executeTakeFirst(),

    add: (row, standing) =>
      store.transaction().execute(async (db) => {
        if (!(await stillStands(db, row.user_id, standing))) return "credential_revoked";
        const { count } = await db
          .selectFrom("passkeys")
          .select((of) => of.fn.countAll().as("count"))
          .where("user_id", "=", row.user_id)
          .executeTakeFirstOrThrow();
        if (Number(count) >= limits.maxPasskeys) return "limit_reached";
        const added = await db
          .insertInto("passkeys")
          .values(row)
          .onConflict((conflict) => conflict.doNothing())
          .returning("credential_id")
          .executeTakeFirst();
        return added === undefined ? "already_exists" : "added";
      }),

    async storeUse({ credential_id, counter: former }, { counter, atMs }) {
      const { numUpdatedRows } = await store
        .updateTable("passkeys")
        .set({ counter, last_used_at_ms: atMs })
        .where("credential_id", "=", credential_id)
        .where("counter", "=", former)
        .executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },

    remove: (userId, credentialId) =>
      store.transaction().execute(async (db) => {
        const found = await db
          .selectFrom("passkeys")
          .select("credential_id")
          .where("user_id", "=", userId)
          .where("credential_id", "=", credentialId)
          .executeTakeFirst();
        if (found === undefined) return "not_found";
        if (!(await hasWayIn(db, userId, { credentialId }))) return "sole_way_in";
        await db.deleteFrom("passkeys").where("credential_id", "=", credentialId).execute();
        await dropIdleCodes(db, userId);
        return "removed";
      }),
  };
}
