import { closeSync, existsSync, openSync } from "node:fs";
import { join } from "node:path";
import { Kysely } from "kysely";
import { Migrator, type Migration } from "kysely/migration";
import { sqliteDialect, type StoreDialect } from "./dialect.ts";
import { keepFormer } from "./keep-former.ts";
import { openPrivateDirectory, requirePrivate } from "./private-files.ts";
import type { Tables } from "./schema.ts";
import { workspacesAndWorkers } from "./migrations/0001-workspaces-and-workers.ts";
import { accounts } from "./migrations/0002-accounts.ts";
import { factors } from "./migrations/0003-factors.ts";
import { devicesAndRegistrations } from "./migrations/0004-devices-and-registrations.ts";
import { indexesOfAccounts } from "./migrations/0005-indexes.ts";
import { ageOfGrants } from "./migrations/0006-age-of-grants.ts";
import { apiTokens } from "./migrations/0008-api-tokens.ts";

export type Store = Kysely<Tables>;

/** In the data directory while a backup is put in its place. */
export const restoreMark = "restore-in-progress";

/** The message says what to do. */
class UnfinishedRestoreError extends Error {
  override readonly name = "UnfinishedRestoreError";

  constructor(dataDir: string) {
    super(
      `a restore into ${dataDir} did not come to its end: run \`leapmux admin backup restore\` again, with the same backup`,
    );
  }
}

/** Opens, and where needed makes and migrates, `hub.db` in a directory that nobody else may read. */
export async function openStore(dataDir: string): Promise<Store> {
  openPrivateDirectory(dataDir);
  if (existsSync(join(dataDir, restoreMark))) throw new UnfinishedRestoreError(dataDir);
  const file = join(dataDir, "hub.db");
  // Made before SQLite does, so that it and its companions (-wal, -shm copy the mode) are never wider.
  closeSync(openSync(file, "a", 0o600));
  requirePrivate(file, "file");
  return await migrateStore(file);
}

/** Knows every version that the database may be of, oldest first. */
export function makeMigrator(store: Store, bytes: StoreDialect["bytes"]): Migrator {
  const migrations: Record<string, Migration> = {
    "0001-workspaces-and-workers": workspacesAndWorkers(bytes),
    "0002-accounts": accounts(bytes),
    "0003-factors": factors(bytes),
    "0004-devices-and-registrations": devicesAndRegistrations(bytes),
    "0005-indexes": indexesOfAccounts,
    "0006-age-of-grants": ageOfGrants,
    "0008-api-tokens": apiTokens,
  };
  return new Migrator({
    db: store,
    provider: { getMigrations: () => Promise.resolve(migrations) },
  });
}

async function migrateStore(file: string): Promise<Store> {
  const { dialect, bytes } = sqliteDialect(file);
  const store = new Kysely<Tables>({ dialect });
  const migrator = makeMigrator(store, bytes);
  const known = await migrator.getMigrations();
  const next = known.find(({ executedAt }) => executedAt === undefined);
  // What was there before is kept beside it: there is no other way back.
  if (next !== undefined && next !== known[0]) await keepFormer(file, next.name);
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) {
    await store.destroy();
    throw new Error("the hub's database could not be brought up to date", { cause: error });
  }
  return store;
}
