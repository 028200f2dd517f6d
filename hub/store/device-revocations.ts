import { dropGrantsBy } from "./grants.ts";
import type { Store } from "./open-store.ts";
import type { DeviceRevocationRow } from "./schema.ts";

/**
 * Revocations of devices, signed by devices, kept for as long as the account. The hub cannot tell a genuine
 * one from noise. So none ever takes the place of another, or noise under a device's id would silence the
 * genuine one that follows; the same bytes again are a success that stores nothing; and beyond the bounds
 * the refusal is loud, because the client must then carry the revocation to the workers by itself.
 */
export interface DeviceRevocations {
  put(userId: string, deviceId: string, signedRevocation: Uint8Array): Promise<Put>;
  /** Those behind a sequence, in order, at most so many. */
  list(userId: string, behind: number, most: number): Promise<DeviceRevocationRow[]>;
}

export type Put = "stored" | "known" | "limit_reached";

/** Statements about one device that differ: from several devices of the account, or by somebody who lies. */
const maxPerDevice = 4;

export function makeDeviceRevocations(
  store: Store,
  limits: { readonly maxDeviceRevocations: number },
): DeviceRevocations {
  return {
    put: (userId, deviceId, signedRevocation) =>
      store.transaction().execute(async (db): Promise<Put> => {
        const ofDevice = await db
          .selectFrom("device_revocations")
          .select("signed_revocation")
          .where("user_id", "=", userId)
          .where("device_id", "=", deviceId)
          .execute();
        const isKnown = ofDevice.some(
          (row) => Buffer.compare(row.signed_revocation, signedRevocation) === 0,
        );
        if (isKnown) return "known";
        if (ofDevice.length >= maxPerDevice) return "limit_reached";
        // Nothing is ever deleted, so the last number is the count.
        const { count } = await db
          .selectFrom("device_revocations")
          .select((of) => of.fn.countAll().as("count"))
          .where("user_id", "=", userId)
          .executeTakeFirstOrThrow();
        if (Number(count) >= limits.maxDeviceRevocations) return "limit_reached";
        await db
          .insertInto("device_revocations")
          .values({
            user_id: userId,
            sequence: Number(count) + 1,
            device_id: deviceId,
            signed_revocation: signedRevocation,
          })
          .execute();
        // No worker takes them any more: here they would only keep others out.
        await dropGrantsBy(db, userId, deviceId);
        return "stored";
      }),

    list: (userId, behind, most) =>
      store
        .selectFrom("device_revocations")
        .selectAll()
        .where("user_id", "=", userId)
        .where("sequence", ">", behind)
        .orderBy("sequence")
        .limit(most)
        .execute(),
  };
}
