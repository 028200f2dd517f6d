import { purgeBatch, type ActedUpon } from "./login-administration.ts";
import type { Store } from "./open-store.ts";
import { addEvents } from "./revocation-events.ts";
import type { RegistrationKeyRow, WorkerRow } from "./schema.ts";
import { isStillAdmin } from "./standing.ts";
import type { Actor } from "./users.ts";

/** Workers and registration keys of everybody, for admins. */
export interface WorkerAdministration {
  /** By id, behind `after`. */
  list(page: {
    readonly userId: string | null;
    readonly deregistering: boolean | null;
    readonly after: string;
    readonly limit: number;
  }): Promise<OwnedWorker[]>;
  find(workerId: string): Promise<OwnedWorker | undefined>;
  /**
   * Marks it, and the second time takes it out with the places of its tabs; the event that tells a running hub
   * is written with either.
   */
  deregister(workerId: string, by: Actor, atMs: number): Promise<Deregistered>;
  listKeys(page: { readonly after: string; readonly limit: number }): Promise<OwnedKey[]>;
  /** It does not admit anybody any more. */
  revokeKey(keyId: string, by: Actor, nowMs: number): Promise<ActedUpon>;
  /** Keys whose time has passed, a batch at a time. */
  purgeKeys(nowMs: number): Promise<number>;
}

export interface OwnedWorker extends WorkerRow {
  /** Null in solo mode. */
  readonly username: string | null;
}

export interface OwnedKey extends RegistrationKeyRow {
  readonly username: string | null;
}

export type Deregistered =
  | { readonly ok: true; readonly userId: string; readonly forgotten: boolean }
  | { readonly ok: false; readonly reason: "not_found" | "worker_bundled" | "admin_required" };

export function makeWorkerAdministration(store: Store): WorkerAdministration {
  const owned = (db: Store) =>
    db
      .selectFrom("workers")
      .leftJoin("users", "users.user_id", "workers.user_id")
      .selectAll("workers")
      .select("users.username");

  const purgeSome = async (nowMs: number): Promise<number> => {
    const gone = await store
      .deleteFrom("registration_keys")
      .where("key_id", "in", (of) =>
        of
          .selectFrom("registration_keys")
          .select("key_id")
          .where("expires_at_ms", "<=", nowMs)
          .limit(purgeBatch),
      )
      .returning("key_id")
      .execute();
    return gone.length;
  };

  return {
    list: ({ userId, deregistering, after, limit }) =>
      owned(store)
        .where("worker_id", ">", after)
        .$if(userId !== null, (query) => query.where("workers.user_id", "=", userId ?? ""))
        .$if(deregistering !== null, (query) =>
          query.where("deregistering", "=", deregistering === true ? 1 : 0),
        )
        .orderBy("worker_id")
        .limit(limit)
        .execute(),

    find: (workerId) => owned(store).where("worker_id", "=", workerId).executeTakeFirst(),

    deregister: (workerId, by, atMs) =>
      store.transaction().execute(async (db): Promise<Deregistered> => {
        if (!(await isStillAdmin(db, by))) return { ok: false, reason: "admin_required" };
        const worker = await owned(db).where("worker_id", "=", workerId).executeTakeFirst();
        if (worker === undefined) return { ok: false, reason: "not_found" };
        if (worker.bundled === 1) return { ok: false, reason: "worker_bundled" };
        const forgotten = worker.deregistering === 1;
        if (forgotten) {
          await db.deleteFrom("tabs").where("worker_id", "=", workerId).execute();
          await db.deleteFrom("workers").where("worker_id", "=", workerId).execute();
        } else {
          await db
            .updateTable("workers")
            .set({ deregistering: 1 })
            .where("worker_id", "=", workerId)
            .execute();
        }
        await addEvents(db, "worker", [workerId], "ended_by_admin", atMs);
        return { ok: true, userId: worker.user_id, forgotten };
      }),

    listKeys: ({ after, limit }) =>
      store
        .selectFrom("registration_keys")
        .leftJoin("users", "users.user_id", "registration_keys.user_id")
        .selectAll("registration_keys")
        .select("users.username")
        .where("key_id", ">", after)
        .orderBy("key_id")
        .limit(limit)
        .execute(),

    revokeKey: (keyId, by, nowMs) =>
      store.transaction().execute(async (db): Promise<ActedUpon> => {
        if (!(await isStillAdmin(db, by))) return { ok: false, reason: "admin_required" };
        const key = await db
          .selectFrom("registration_keys")
          .select("user_id")
          .where("key_id", "=", keyId)
          .executeTakeFirst();
        if (key === undefined) return { ok: false, reason: "not_found" };
        await db
          .updateTable("registration_keys")
          .set({ destroyed_at_ms: nowMs })
          .where("key_id", "=", keyId)
          .where("used_at_ms", "is", null)
          .where("destroyed_at_ms", "is", null)
          .execute();
        return { ok: true, userId: key.user_id };
      }),

    async purgeKeys(nowMs) {
      let purged = 0;
      for (;;) {
        const count = await purgeSome(nowMs);
        purged += count;
        if (count < purgeBatch) return purged;
      }
    },
  };
}
