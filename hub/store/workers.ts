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
}

export type NewWorker = Omit<WorkerRow, "bundled" | "last_seen_at_ms">;

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
  };
}
