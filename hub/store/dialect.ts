import Database from "better-sqlite3";
import { SqliteAdapter, SqliteDialect, type Dialect } from "kysely";

/** What a column of raw bytes is called: the seam between SQLite and PostgreSQL. */
export type Bytes = "blob" | "bytea";

export interface StoreDialect {
  readonly dialect: Dialect;
  readonly bytes: Bytes;
}

/** SQLite can change tables within a transaction: so a migration that is cut off has not happened. */
class WholeMigrationsDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new WholeMigrationsAdapter();
  }
}

class WholeMigrationsAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/**
 * One file, write-ahead logged. `NORMAL` loses nothing in a crash of ours, at most the last moments in one of
 * the host; flush-commits.ts is for what that must not undo.
 */
export function sqliteDialect(file: string): StoreDialect {
  const database = new Database(file);
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = NORMAL");
  database.pragma("foreign_keys = ON");
  database.pragma("busy_timeout = 2000");
  database.pragma("trusted_schema = OFF");
  return { dialect: new WholeMigrationsDialect({ database }), bytes: "blob" };
}
