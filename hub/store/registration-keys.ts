import type { Store } from "./open-store.ts";
import type { NewWorker } from "./workers.ts";

/**
 * Keys that admit one worker each: single use, five minutes, only their keyed hash stored. Using a key and
 * writing the worker is one transaction, so that two who race cannot both win.
 */
export interface RegistrationKeys {
  add(
    keyHash: string,
    userId: string,
    expiresAtMs: number,
    nowMs: number,
  ): Promise<"added" | "limit_reached">;
  redeem(keyHash: string, nowMs: number, worker: Omit<NewWorker, "user_id">): Promise<Redeemed>;
}

export type Redeemed =
  | { readonly ok: true; readonly userId: string }
  | {
      readonly ok: false;
      readonly reason: "unknown" | "used" | "expired" | "worker_exists" | "limit_reached";
    };

/** How long a used or expired key is remembered, so that its next use gets the right answer, ms. */
const rememberMs = 24 * 60 * 60_000;

export function makeRegistrationKeys(
  store: Store,
  limits: { readonly maxRegistrationKeys: number; readonly maxWorkers: number },
): RegistrationKeys {
  return {
    add: (keyHash, userId, expiresAtMs, nowMs) =>
      store.transaction().execute(async (db) => {
        await db
          .deleteFrom("registration_keys")
          .where("expires_at_ms", "<", nowMs - rememberMs)
          .execute();
        const { count } = await db
          .selectFrom("registration_keys")
          .select((of) => of.fn.countAll().as("count"))
          .where("user_id", "=", userId)
          .where("used_at_ms", "is", null)
          .where("expires_at_ms", ">", nowMs)
          .executeTakeFirstOrThrow();
        if (Number(count) >= limits.maxRegistrationKeys) return "limit_reached";
        await db
          .insertInto("registration_keys")
          .values({
            key_hash: keyHash,
            user_id: userId,
            expires_at_ms: expiresAtMs,
            used_at_ms: null,
          })
          .execute();
        return "added";
      }),

    redeem: (keyHash, nowMs, worker) =>
      store.transaction().execute(async (db): Promise<Redeemed> => {
        const key = await db
          .selectFrom("registration_keys")
          .selectAll()
          .where("key_hash", "=", keyHash)
          .executeTakeFirst();
        if (key === undefined) return { ok: false, reason: "unknown" };
        if (key.used_at_ms !== null) return { ok: false, reason: "used" };
        if (key.expires_at_ms <= nowMs) return { ok: false, reason: "expired" };
        const taken = await db
          .selectFrom("workers")
          .select("worker_id")
          .where("worker_id", "=", worker.worker_id)
          .executeTakeFirst();
        // The key stays good: the worker chooses another id and tries again.
        if (taken !== undefined) return { ok: false, reason: "worker_exists" };
        const { count } = await db
          .selectFrom("workers")
          .select((of) => of.fn.countAll().as("count"))
          .where("user_id", "=", key.user_id)
          .executeTakeFirstOrThrow();
        if (Number(count) >= limits.maxWorkers) return { ok: false, reason: "limit_reached" };
        // The condition repeats the check: elsewhere another transaction may have come between.
        const used = await db
          .updateTable("registration_keys")
          .set({ used_at_ms: nowMs })
          .where("key_hash", "=", keyHash)
          .where("used_at_ms", "is", null)
          .executeTakeFirst();
        if (used.numUpdatedRows !== 1n) return { ok: false, reason: "used" };
        await db
          .insertInto("workers")
          .values({ ...worker, user_id: key.user_id })
          .execute();
        return { ok: true, userId: key.user_id };
      }),
  };
}
