import type { Store } from "./open-store.ts";
import type { WorkerRow } from "./schema.ts";

/** The workers that may dial in, and the key and mode that each reported last. */
export interface Workers {
  list(userId: string): Promise<WorkerRow[]>;
  find(workerId: string): Promise<WorkerRow | undefined>;
  /** The worker in the hub's own process. A new identity replaces the former one, whose terminals went with it. */
  putBundled(worker: NewWorker): Promise<void>;
  /** What the worker said in its hello; clients pin the key, so a change is theirs to judge. */
  storeHello(
    workerId: string,
    hello: Pick<WorkerRow, "composite_public_key" | "encryption_mode">,
  ): Promise<void>;
  storeLastSeen(workerId: string, atMs: number): Promise<void>;
  /** Undefined: there is none of this user. */
  change(
    userId: string,
    workerId: string,
    change: Pick<WorkerRow, "name" | "icon">,
  ): Promise<WorkerRow | undefined>;
  /**
   * Marks one that has to stop for good; null for anybody's. `again`: it was marked before, and has not
   * said since that it stopped.
   */
  markDeregistering(userId: string | null, workerId: string): Promise<Marked>;
  /** With the places of its tabs, whose terminals are gone. Answers their workspaces. */
  remove(workerId: string): Promise<{ readonly workspaceIds: string[] }>;
}

export type Marked =
  | { readonly ok: true; readonly worker: WorkerRow; readonly again: boolean }
  | { readonly ok: false; readonly reason: "not_found" | "bundled" };

export type NewWorker = Omit<WorkerRow, "bundled" | "last_seen_at_ms" | "icon" | "deregistering">;

export function makeWorkers(store: Store): Workers {
  return {
    list: (userId) =>
      store
        .selectFrom("workers")
        .selectAll()
        .where("user_id", "=", userId)
        .orderBy("created_at_ms")
        .orderBy("worker_id")
        .execute(),

    find: (workerId) =>
      store.selectFrom("workers").selectAll().where("worker_id", "=", workerId).executeTakeFirst(),

    putBundled: (worker) =>
      store.transaction().execute(async (db) => {
        const former = await db
          .selectFrom("workers")
          .select("worker_id")
          .where("bundled", "=", 1)
          .where("worker_id", "!=", worker.worker_id)
          .execute();
        for (const { worker_id: id } of former) {
          await db.deleteFrom("tabs").where("worker_id", "=", id).execute();
          await db.deleteFrom("workers").where("worker_id", "=", id).execute();
        }
        await db
          .insertInto("workers")
          .values({ ...worker, bundled: 1 })
          .onConflict((conflict) =>
            conflict.column("worker_id").doUpdateSet({
              name: worker.name,
              composite_public_key: worker.composite_public_key,
              encryption_mode: worker.encryption_mode,
              token_hash: worker.token_hash,
              bundled: 1,
            }),
          )
          .execute();
      }),

    async storeHello(workerId, hello) {
      await store.updateTable("workers").set(hello).where("worker_id", "=", workerId).execute();
    },

    async storeLastSeen(workerId, atMs) {
      await store
        .updateTable("workers")
        .set({ last_seen_at_ms: atMs })
        .where("worker_id", "=", workerId)
        .execute();
    },

    change: (userId, workerId, { name, icon }) =>
      store
        .updateTable("workers")
        .set({ name, icon })
        .where("worker_id", "=", workerId)
        .where("user_id", "=", userId)
        .returningAll()
        .executeTakeFirst(),

    markDeregistering: (userId, workerId) =>
      store.transaction().execute(async (db): Promise<Marked> => {
        const worker = await db
          .selectFrom("workers")
          .selectAll()
          .where("worker_id", "=", workerId)
          .executeTakeFirst();
        if (worker === undefined || (userId !== null && worker.user_id !== userId)) {
          return { ok: false, reason: "not_found" };
        }
        if (worker.bundled === 1) return { ok: false, reason: "bundled" };
        await db
          .updateTable("workers")
          .set({ deregistering: 1 })
          .where("worker_id", "=", workerId)
          .execute();
        return { ok: true, worker, again: worker.deregistering === 1 };
      }),

    remove: (workerId) =>
      store.transaction().execute(async (db) => {
        const tabs = await db
          .deleteFrom("tabs")
          .where("worker_id", "=", workerId)
          .returning("workspace_id")
          .execute();
        await db.deleteFrom("workers").where("worker_id", "=", workerId).execute();
        return { workspaceIds: [...new Set(tabs.map((tab) => tab.workspace_id))] };
      }),
  };
}
