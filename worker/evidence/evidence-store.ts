import type { Kysely } from "kysely";
import type { EvidenceRow, WorkerTables } from "../store/tables.ts";
import { hashEvidence } from "./hash-evidence.ts";

/** The chain in `worker.db`. Bounded: the oldest are forgotten, and where they ended stays. */
export interface EvidenceStore {
  add(event: EvidenceEvent): Promise<void>;
  /** The newest first. */
  list(beforeSequence: number, limit: number): Promise<EvidenceRow[]>;
  verify(): Promise<EvidenceVerdict>;
}

export interface EvidenceEvent {
  readonly atMs: number;
  readonly action: EvidenceAction;
  readonly userId: string;
  /** Empty where the hub's word is taken, or none was named. */
  readonly deviceId: string;
  /** The channel or terminal. */
  readonly subject: string;
  readonly reason: string;
  /** More than 1: so many alike that came too fast to be listed. */
  readonly count: number;
}

export type EvidenceAction =
  | "worker_started"
  | "worker_stopped"
  | "channel_opened"
  | "channel_closed"
  | "opening_refused"
  | "terminal_opened"
  | "terminal_restarted"
  | "terminal_closed";

export type EvidenceVerdict =
  | {
      readonly ok: true;
      readonly entries: number;
      /** How many were forgotten before the first. */
      readonly forgotten: number;
      /** To be noted down elsewhere. */
      readonly head: { readonly sequence: number; readonly hash: Uint8Array };
    }
  /** The first entry that is not what was written, or whose place is empty. */
  | { readonly ok: false; readonly sequence: number };

/** How many are kept, and how many more there may be until the oldest go. */
export const evidenceBounds = { kept: 10_000, slack: 500 };

export function makeEvidenceStore(
  database: Kysely<WorkerTables>,
  bounds: { readonly kept: number; readonly slack: number } = evidenceBounds,
): EvidenceStore {
  return {
    add: (event) =>
      database.transaction().execute(async (db) => {
        const cut = await readCut(db);
        const last = await db
          .selectFrom("evidence")
          .select(["sequence", "hash"])
          .orderBy("sequence", "desc")
          .limit(1)
          .executeTakeFirst();
        const before = last ?? cut;
        const row = {
          sequence: before.sequence + 1,
          at_ms: event.atMs,
          action: event.action,
          user_id: event.userId,
          device_id: event.deviceId,
          subject: event.subject,
          reason: event.reason,
          count: event.count,
        };
        const hash = hashEvidence(before.hash, row);
        await db
          .insertInto("evidence")
          .values({ ...row, hash })
          .execute();
        if (row.sequence - cut.sequence > bounds.kept + bounds.slack) {
          await forget(db, row.sequence - bounds.kept);
        }
      }),

    list: (beforeSequence, limit) =>
      database
        .selectFrom("evidence")
        .selectAll()
        .where("sequence", "<", beforeSequence)
        .orderBy("sequence", "desc")
        .limit(limit)
        .execute(),

    async verify() {
      const cut = await readCut(database);
      let { sequence, hash } = cut;
      const rows = await database.selectFrom("evidence").selectAll().orderBy("sequence").execute();
      for (const { hash: told, ...row } of rows) {
        const computed = hashEvidence(hash, row);
        const isNext = row.sequence === sequence + 1;
        if (!isNext || Buffer.compare(computed, told) !== 0) {
          return { ok: false, sequence: sequence + 1 };
        }
        ({ sequence, hash } = { sequence: row.sequence, hash: computed });
      }
      return {
        ok: true,
        entries: rows.length,
        forgotten: cut.sequence,
        head: { sequence, hash: new Uint8Array(hash) },
      };
    },
  };
}

async function readCut(
  db: Kysely<WorkerTables>,
): Promise<{ readonly sequence: number; readonly hash: Uint8Array }> {
  const row = await db
    .selectFrom("evidence_cut")
    .select(["sequence", "hash"])
    .where("place", "=", 1)
    .executeTakeFirst();
  return row ?? { sequence: 0, hash: new Uint8Array(32) };
}

async function forget(db: Kysely<WorkerTables>, through: number): Promise<void> {
  const { sequence, hash } = await db
    .selectFrom("evidence")
    .select(["sequence", "hash"])
    .where("sequence", "=", through)
    .executeTakeFirstOrThrow();
  await db
    .insertInto("evidence_cut")
    .values({ place: 1, sequence, hash })
    .onConflict((conflict) => conflict.column("place").doUpdateSet({ sequence, hash }))
    .execute();
  await db.deleteFrom("evidence").where("sequence", "<=", through).execute();
}
