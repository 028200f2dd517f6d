import { Kysely, SqliteDialect } from "kysely";
import Database from "better-sqlite3";
import { appliedMigrations, makeMigrator } from "./open-store.ts";
import type { Tables } from "./schema.ts";

export interface DatabaseState {
  /** The newest migration that was applied; null in an empty database. */
  readonly version: string | null;
  /** Known here and not applied yet: the next start does it. */
  readonly pending: readonly string[];
  /** Applied and not known here: by a newer program. */
  readonly unknown: readonly string[];
  /** What SQLite finds wrong; empty when whole. */
  readonly faults: readonly string[];
}

const maxFaults = 20;

/** Looks at a database without changing it; a hub may be running on it. Throws where it is none. */
export async function inspectDatabase(file: string): Promise<DatabaseState> {
  const database = new Database(file, { readonly: true, fileMustExist: true });
  database.pragma("trusted_schema = OFF");
  const store = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
  try {
    const faults = [
      ...(database.pragma(`integrity_check(${maxFaults})`) as { integrity_check: string }[])
        .map((row) => row.integrity_check)
        .filter((text) => text !== "ok"),
      ...(database.pragma("foreign_key_check") as { table: string }[])
        .slice(0, maxFaults)
        .map(({ table }) => `a row of ${table} belongs to nothing`),
    ];
    const names = await appliedMigrations(store);
    const known = (await makeMigrator(store, "blob").getMigrations()).map(({ name }) => name);
    return {
      version: names.at(-1) ?? null,
      pending: known.filter((name) => !names.includes(name)),
      unknown: names.filter((name) => !known.includes(name)),
      faults,
    };
  } finally {
    await store.destroy();
  }
}
