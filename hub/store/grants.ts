import type { Store } from "./open-store.ts";
import type { GrantRow } from "./schema.ts";

/** Grants between the devices of an account: one for each issuer and subject, opaque to the hub. */
export interface Grants {
  list(userId: string): Promise<GrantRow[]>;
  put(grant: GrantRow): Promise<"stored" | "limit_reached">;
}

export function makeGrants(store: Store, limits: { readonly maxGrants: number }): Grants {
  return {
    list: (userId) =>
      store
        .selectFrom("grants")
        .selectAll()
        .where("user_id", "=", userId)
        .orderBy("issuer_device_id")
        .orderBy("subject_device_id")
        .execute(),

    put: (grant) => store.transaction().execute((db) => putGrant(db, grant, limits)),
  };
}

/** Inside a transaction. Takes the place of one with the same issuer and subject. */
export async function putGrant(
  db: Store,
  grant: GrantRow,
  limits: { readonly maxGrants: number },
): Promise<"stored" | "limit_reached"> {
  const replaced = await db
    .updateTable("grants")
    .set({ signed_grant: grant.signed_grant })
    .where("user_id", "=", grant.user_id)
    .where("issuer_device_id", "=", grant.issuer_device_id)
    .where("subject_device_id", "=", grant.subject_device_id)
    .executeTakeFirst();
  if (replaced.numUpdatedRows > 0n) return "stored";
  const { count } = await db
    .selectFrom("grants")
    .select((of) => of.fn.countAll().as("count"))
    .where("user_id", "=", grant.user_id)
    .executeTakeFirstOrThrow();
  if (Number(count) >= limits.maxGrants) return "limit_reached";
  await db.insertInto("grants").values(grant).execute();
  return "stored";
}
