import type { Store } from "./open-store.ts";
import type { SettingRow } from "./schema.ts";

/**
 * Settings as they were written. Each change takes the next number of a sequence in the transaction that
 * writes it, so that every process which shares the database can see that there is something to read.
 */
export interface SettingRows {
  lastSequence(): Promise<number>;
  list(): Promise<SettingRow[]>;
  /** Where nobody wrote since `sequence`; what was judged together is written together. */
  change(change: SettingChange): Promise<"changed" | "changed_meanwhile">;
}

export interface SettingChange {
  readonly sequence: number;
  readonly set: readonly Pick<SettingRow, "name" | "value" | "sealed">[];
  readonly reset: readonly string[];
  /** A user id, or "console". */
  readonly changedBy: string;
  readonly atMs: number;
}

/** Changes that are remembered: what was set is in the table, this is only their order. */
const keptChanges = 1_000;

export function makeSettingRows(store: Store): SettingRows {
  return {
    lastSequence: () => readSequence(store),

    list: () => store.selectFrom("settings").selectAll().orderBy("name").execute(),

    change: ({ sequence, set, reset, changedBy, atMs }) =>
      store
        .transaction()
        .execute(async (db) => {
          const note = (name: string, action: "set" | "reset") =>
            db
              .insertInto("setting_changes")
              .values({ name, action, changed_by: changedBy, at_ms: atMs })
              .execute();
          // Written first, so that of two processes one waits here and then sees the other's.
          for (const { name } of set) await note(name, "set");
          for (const name of reset) await note(name, "reset");
          const own = set.length + reset.length;
          const last = await readSequence(db);
          if (last - own !== sequence) throw new ChangedMeanwhile();
          for (const row of set) {
            const written = { ...row, changed_by: changedBy, changed_at_ms: atMs };
            await db
              .insertInto("settings")
              .values(written)
              .onConflict((conflict) => conflict.column("name").doUpdateSet(written))
              .execute();
          }
          for (const name of reset)
            await db.deleteFrom("settings").where("name", "=", name).execute();
          await db
            .deleteFrom("setting_changes")
            .where("sequence", "<=", last - keptChanges)
            .execute();
          return "changed" as const;
        })
        .catch((error: unknown) => {
          if (error instanceof ChangedMeanwhile) return "changed_meanwhile" as const;
          throw error;
        }),
  };
}

/** Ends the transaction without a trace. */
class ChangedMeanwhile extends Error {}

async function readSequence(db: Store): Promise<number> {
  const row = await db
    .selectFrom("setting_changes")
    .select("sequence")
    .orderBy("sequence", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.sequence ?? 0;
}
