import type { HubLimits } from "../config/hub-limits.ts";
import type { Store } from "./open-store.ts";
import type { RegistrationKeyRow, WorkerRow } from "./schema.ts";
import type { NewWorker } from "./workers.ts";

/**
 * Keys that admit one worker each: single use, five minutes, only their keyed hash stored. Using a key and
 * writing the worker is one transaction, so that two who race cannot both win. The row then carries what
 * worker and device say to each other until the key expires (protocol §7).
 */
export interface RegistrationKeys {
  add(
    key: Pick<RegistrationKeyRow, "key_id" | "key_hash" | "user_id" | "expires_at_ms">,
    nowMs: number,
  ): Promise<"added" | "limit_reached">;
  /** Another life for one that is still good and has little left. */
  extend(userId: string, keyId: string, nowMs: number): Promise<Extended>;
  /** One that was used stays, for the pairing. False: there is none. */
  destroy(userId: string, keyId: string, nowMs: number): Promise<boolean>;
  find(userId: string, keyId: string): Promise<RegistrationKeyRow | undefined>;
  /**
   * Whoever asks again, because the answer was lost on its way, is admitted again as long as the worker was
   * never online: with the same key until it expires, or with another one of the same user. Its former token
   * is worth nothing then.
   */
  redeem(
    keyHash: string,
    nowMs: number,
    worker: Omit<NewWorker, "user_id">,
    workerMac: Uint8Array,
  ): Promise<Redeemed>;
  /** A later answer takes the place of an earlier one: only the worker can tell which is right. */
  answer(
    userId: string,
    keyId: string,
    nowMs: number,
    answer: { readonly devicePublicKey: Uint8Array; readonly deviceMac: Uint8Array },
  ): Promise<Answered>;
  /** What a device answered this worker, until the key expires. */
  findAnswer(workerId: string, nowMs: number): Promise<PairingAnswer | undefined>;
}

export type Extended =
  | { readonly ok: true; readonly expiresAtMs: number }
  | { readonly ok: false; readonly reason: "not_found" | "used" | "expired" | "destroyed" }
  | { readonly ok: false; readonly reason: "too_early"; readonly retryAfterMs: number };

export type Redeemed =
  | { readonly ok: true; readonly userId: string }
  | {
      readonly ok: false;
      readonly reason:
        | "unknown"
        | "used"
        | "expired"
        | "destroyed"
        | "worker_exists"
        | "limit_reached";
    };

export type Answered =
  | { readonly ok: true; readonly workerId: string }
  | { readonly ok: false; readonly reason: "not_found" | "expired" | "unused" | "unpaired" };

export interface PairingAnswer {
  readonly userId: string;
  readonly devicePublicKey: Uint8Array;
  readonly deviceMac: Uint8Array;
}

/** How long a used or expired key is remembered, so that its next use gets the right answer, ms. */
export const rememberMs = 24 * 60 * 60_000;

export function makeRegistrationKeys(
  store: Store,
  limits: Pick<
    HubLimits,
    | "maxRegistrationKeys"
    | "maxRememberedKeys"
    | "maxWorkers"
    | "registrationKeyMs"
    | "registrationKeyExtendableMs"
    | "pairingAnswerMs"
  >,
): RegistrationKeys {
  const find = (db: Store, userId: string, keyId: string) =>
    db
      .selectFrom("registration_keys")
      .selectAll()
      .where("key_id", "=", keyId)
      .where("user_id", "=", userId)
      .executeTakeFirst();

  return {
    add: (key, nowMs) =>
      store.transaction().execute(async (db) => {
        await db
          .deleteFrom("registration_keys")
          .where("expires_at_ms", "<", nowMs - rememberMs)
          .execute();
        const ofUser = await db
          .selectFrom("registration_keys")
          .select(["used_at_ms", "destroyed_at_ms", "expires_at_ms"])
          .where("user_id", "=", key.user_id)
          .execute();
        // Keys that are over are rows as well: making and destroying them must not fill the database.
        if (ofUser.length >= limits.maxRememberedKeys) return "limit_reached";
        const open = ofUser.filter((row) => whySpent(row, nowMs) === null);
        if (open.length >= limits.maxRegistrationKeys) return "limit_reached";
        await db.insertInto("registration_keys").values(key).execute();
        return "added";
      }),

    extend: (userId, keyId, nowMs) =>
      store.transaction().execute(async (db): Promise<Extended> => {
        const key = await find(db, userId, keyId);
        if (key === undefined) return { ok: false, reason: "not_found" };
        const spent = whySpent(key, nowMs);
        if (spent !== null) return { ok: false, reason: spent };
        const earlyMs = key.expires_at_ms - nowMs - limits.registrationKeyExtendableMs;
        if (earlyMs > 0) return { ok: false, reason: "too_early", retryAfterMs: earlyMs };
        const expiresAtMs = nowMs + limits.registrationKeyMs;
        await db
          .updateTable("registration_keys")
          .set({ expires_at_ms: expiresAtMs })
          .where("key_id", "=", keyId)
          .execute();
        return { ok: true, expiresAtMs };
      }),

    destroy: (userId, keyId, nowMs) =>
      store.transaction().execute(async (db) => {
        const key = await find(db, userId, keyId);
        if (key === undefined) return false;
        if (whySpent(key, nowMs) === null) {
          await db
            .updateTable("registration_keys")
            .set({ destroyed_at_ms: nowMs })
            .where("key_id", "=", keyId)
            .execute();
        }
        return true;
      }),

    find: (userId, keyId) => find(store, userId, keyId),

    redeem: (keyHash, nowMs, worker, workerMac) =>
      store.transaction().execute(async (db): Promise<Redeemed> => {
        const key = await db
          .selectFrom("registration_keys")
          .selectAll()
          .where("key_hash", "=", keyHash)
          .executeTakeFirst();
        if (key === undefined) return { ok: false, reason: "unknown" };
        const present = await db
          .selectFrom("workers")
          .selectAll()
          .where("worker_id", "=", worker.worker_id)
          .executeTakeFirst();
        const isAgain = present !== undefined && isSameUnseen(present, worker, key.user_id);
        const spent = whySpent(key, nowMs);
        if (spent !== null) {
          const isRepeated =
            isAgain &&
            spent === "used" &&
            key.worker_id === worker.worker_id &&
            key.expires_at_ms > nowMs;
          if (!isRepeated) return { ok: false, reason: spent };
        }
        // The key stays good: the worker chooses another id and tries again.
        if (present !== undefined && !isAgain) return { ok: false, reason: "worker_exists" };
        if (!isAgain && (await countWorkers(db, key.user_id)) >= limits.maxWorkers) {
          return { ok: false, reason: "limit_reached" };
        }
        // The condition repeats the check: elsewhere another transaction may have come between.
        const used = await db
          .updateTable("registration_keys")
          .set({
            used_at_ms: nowMs,
            // Asking again makes no key live longer.
            expires_at_ms:
              spent === null
                ? Math.max(key.expires_at_ms, nowMs + limits.pairingAnswerMs)
                : key.expires_at_ms,
            worker_id: worker.worker_id,
            composite_public_key: worker.composite_public_key,
            encryption_mode: worker.encryption_mode,
            worker_mac: workerMac,
          })
          .where("key_hash", "=", keyHash)
          .where("used_at_ms", key.used_at_ms === null ? "is" : "=", key.used_at_ms)
          .where("destroyed_at_ms", "is", null)
          .executeTakeFirst();
        if (used.numUpdatedRows !== 1n) return { ok: false, reason: "used" };
        if (isAgain) {
          const { name, encryption_mode, token_hash } = worker;
          await db
            .updateTable("workers")
            .set({ name, encryption_mode, token_hash })
            .where("worker_id", "=", worker.worker_id)
            .execute();
        } else {
          await db
            .insertInto("workers")
            .values({ ...worker, user_id: key.user_id })
            .execute();
        }
        return { ok: true, userId: key.user_id };
      }),

    answer: (userId, keyId, nowMs, { devicePublicKey, deviceMac }) =>
      store.transaction().execute(async (db): Promise<Answered> => {
        const key = await find(db, userId, keyId);
        if (key === undefined) return { ok: false, reason: "not_found" };
        if (key.expires_at_ms <= nowMs) return { ok: false, reason: "expired" };
        if (key.worker_id === null) return { ok: false, reason: "unused" };
        if (!key.worker_mac?.length) return { ok: false, reason: "unpaired" };
        await db
          .updateTable("registration_keys")
          .set({ device_public_key: devicePublicKey, device_mac: deviceMac })
          .where("key_id", "=", keyId)
          .execute();
        return { ok: true, workerId: key.worker_id };
      }),

    async findAnswer(workerId, nowMs) {
      const key = await store
        .selectFrom("registration_keys")
        .select(["user_id", "device_public_key", "device_mac"])
        .where("worker_id", "=", workerId)
        .where("expires_at_ms", ">", nowMs)
        .orderBy("used_at_ms", "desc")
        .executeTakeFirst();
      if (!key?.device_public_key || !key.device_mac) return undefined;
      return {
        userId: key.user_id,
        devicePublicKey: key.device_public_key,
        deviceMac: key.device_mac,
      };
    },
  };
}

/** This very worker, whose token never reached it: it has never been online with one. */
function isSameUnseen(
  present: WorkerRow,
  worker: Omit<NewWorker, "user_id">,
  userId: string,
): boolean {
  return (
    present.user_id === userId &&
    present.last_seen_at_ms === 0 &&
    present.bundled === 0 &&
    present.deregistering === 0 &&
    Buffer.compare(present.composite_public_key, worker.composite_public_key) === 0
  );
}

async function countWorkers(db: Store, userId: string): Promise<number> {
  const { count } = await db
    .selectFrom("workers")
    .select((of) => of.fn.countAll().as("count"))
    .where("user_id", "=", userId)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Null: it still admits a worker. */
export function whySpent(
  key: Pick<RegistrationKeyRow, "used_at_ms" | "destroyed_at_ms" | "expires_at_ms">,
  nowMs: number,
): "used" | "destroyed" | "expired" | null {
  if (key.used_at_ms !== null) return "used";
  if (key.destroyed_at_ms !== null) return "destroyed";
  return key.expires_at_ms <= nowMs ? "expired" : null;
}
