import { grantLifetimeMs } from "@leapmux/shared/limits/limits.ts";
import type { Store } from "./open-store.ts";
import type { GrantRow } from "./schema.ts";

/**
 * Grants between the devices of an account: one for each issuer and subject, opaque to the hub. They leave
 * with the time that no grant outlives, and when the device that signed them is revoked.
 */
export interface Grants {
  list(userId: string): Promise<StoredGrant[]>;
  put(grant: StoredGrant, nowMs: number): Promise<"stored" | "limit_reached">;
}

export type StoredGrant = Omit<GrantRow, "put_at_ms">;

/** A grant came when it was signed; a day more for clocks that differ. */
const longestLifeMs = grantLifetimeMs + 24 * 60 * 60_000;

export function makeGrants(store: Store, limits: { readonly maxGrants: number }): Grants {
  return {
    list: (userId) =>
      store
        .selectFrom("grants")
        .select(["user_id", "issuer_device_id", "subject_device_id", "signed_grant"])
        .where("user_id", "=", userId)
        .orderBy("issuer_device_id")
        .orderBy("subject_device_id")
        .execute(),

    put: (grant, nowMs) => store.transaction().execute((db) => putGrant(db, grant, nowMs, limits)),
  };
}

/** Inside a transaction. Takes the place of one with the same issuer and subject. */
export async function putGrant(
  db: Store,
  grant: StoredGrant,
  nowMs: number,
  limits: { readonly maxGrants: number },
): Promise<"stored" | "limit_reached"> {
  await db
    .deleteFrom("grants")
    .where("user_id", "=", grant.user_id)
    .where("put_at_ms", "<", nowMs - longestLifeMs)
    .execute();
  const replaced = await db
    .updateTable("grants")
    .set({ signed_grant: grant.signed_grant, put_at_ms: nowMs })
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
  await db
    .insertInto("grants")
    .values({ ...grant, put_at_ms: nowMs })
    .execute();
  return "stored";
}

/** Inside a transaction: what a device has signed. What was signed for it tells it who may revoke it, and stays. */
export async function dropGrantsBy(db: Store, userId: string, deviceId: string): Promise<void> {
  await db
    .deleteFrom("grants")
    .where("user_id", "=", userId)
    .where("issuer_device_id", "=", deviceId)
    .execute();
}
