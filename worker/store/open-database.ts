import { chmodSync, closeSync, existsSync, openSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { Kysely, SqliteDialect } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { checkPrivateFile, ensurePrivateDirectory } from "./check-private.ts";
import { createTerminals } from "./migrations/0001-create-terminals.ts";
import { createTrust } from "./migrations/0002-create-trust.ts";
import { createEvidence } from "./migrations/0003-create-evidence.ts";
import type { WorkerTables } from "./tables.ts";

const migrations: Readonly<Record<string, Migration>> = {
  "0001-create-terminals": createTerminals,
  "0002-create-trust": createTrust,
  "0003-create-evidence": createEvidence,
};

/** How much memory SQLite may take, in bytes; 0 leaves a value to SQLite. */
export interface DatabaseMemory {
  readonly cacheBytes: number;
  readonly mmapBytes: number;
}

/** `worker.db` in the data directory: what outlives the worker's process besides its identity. */
export async function openDatabase(
  dataDir: string,
  memory: DatabaseMemory = { cacheBytes: 0, mmapBytes: 0 },
): Promise<Kysely<WorkerTables>> {
  ensurePrivateDirectory(dataDir);
  const path = join(dataDir, "worker.db");
  // SQLite would create it as the umask allows; its -wal and -shm files take the mode of this one.
  if (!existsSync(path)) {
    closeSync(openSync(path, "wx", 0o600));
    chmodSync(path, 0o600);
  }
  checkPrivateFile(path);
  const database = new Database(path);
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = NORMAL");
  database.pragma("busy_timeout = 5000");
  // A negative size counts KiB, a positive one pages.
  if (memory.cacheBytes > 0)
    database.pragma(`cache_size = ${-Math.ceil(memory.cacheBytes / 1024)}`);
  if (memory.mmapBytes > 0) database.pragma(`mmap_size = ${memory.mmapBytes}`);
  const tables = new Kysely<WorkerTables>({ dialect: new SqliteDialect({ database }) });
  const migrator = new Migrator({
    db: tables,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error) {
    await tables.destroy();
    throw new Error("worker.db could not be brought up to date", { cause: error });
  }
  return tables;
}
