import type { Kysely } from "kysely";
import type { TerminalRow, WorkerTables } from "./tables.ts";

/** Terminals as they are kept over a restart of the worker. Writes happen in the order of the calls. */
export interface TerminalStore {
  list(): Promise<readonly Omit<TerminalRow, "snapshot">[]>;
  /** Decompressing is the caller's. */
  readSnapshot(terminalId: string): Promise<Uint8Array | null>;
  /** Inserts or replaces; without `snapshot` the stored one stays. */
  save(row: Omit<TerminalRow, "snapshot">, snapshot?: Uint8Array): Promise<void>;
  remove(terminalId: string): Promise<void>;
}

export function makeTerminalStore(database: Kysely<WorkerTables>): TerminalStore {
  return {
    list: () =>
      database
        .selectFrom("terminals")
        .select([
          "terminal_id",
          "user_id",
          "workspace_id",
          "manual_title",
          "program_title",
          "directory",
          "shell",
          "cols",
          "rows",
          "exit_code",
          "exit_signal",
          "created_at_ms",
        ])
        .orderBy("created_at_ms")
        .execute(),

    async readSnapshot(terminalId) {
      const row = await database
        .selectFrom("terminals")
        .select("snapshot")
        .where("terminal_id", "=", terminalId)
        .executeTakeFirst();
      return row?.snapshot ?? null;
    },

    async save(row, snapshot) {
      const { terminal_id: _, ...changes } = row;
      await database
        .insertInto("terminals")
        .values({ ...row, snapshot: snapshot ?? null })
        .onConflict((conflict) =>
          conflict.column("terminal_id").doUpdateSet(snapshot ? { ...changes, snapshot } : changes),
        )
        .execute();
    },

    async remove(terminalId) {
      await database.deleteFrom("terminals").where("terminal_id", "=", terminalId).execute();
    },
  };
}
