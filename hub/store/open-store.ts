import { closeSync, existsSync, openSync } from "node:fs";
import { join } from "node:path";
import { Kysely, sql } from "kysely";
import { Migrator, type Migration } from "kysely/migration";
import { sqliteDialect, type StoreDialect } from "./dialect.ts";
import { findFormer, keepFormer } from "./keep-former.ts";
import { openPrivateDirectory, requirePrivate } from "./private-files.ts";
import type { Tables } from "./schema.ts";
import { workspacesAndWorkers } from "./migrations/0001-workspaces-and-workers.ts";
import { accounts } from "./migrations/0002-accounts.ts";
import { factors } from "./migrations/0003-factors.ts";
import { devicesAndRegistrations } from "./migrations/0004-devices-and-registrations.ts";
import { indexesOfAccounts } from "./migrations/0005-indexes.ts";
import { ageOfGrants } from "./migrations/0006-age-of-grants.ts";
import { apiTokens } from "./migrations/0008-api-tokens.ts";
import { settings } from "./migrations/0009-settings.ts";
import { auditLog } from "./migrations/0010-audit.ts";
import { invitationsOfTheConsole } from "./migrations/0012-invitations-of-the-console.ts";
import { providers } from "./migrations/0013-providers.ts";

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

/** The message says what to do. */
class NewerDatabaseError extends Error {
  override readonly name = "NewerDatabaseError";

  constructor(file: string, unknown: string, former: string | null) {
    const back =
      former === null
        ? "restore a backup that this version made"
        : `put ${former}, which was kept then, in the place of ${file}`;
    super(
      `the database ${file} is of a newer version of LeapMux (${unknown}): install that version again, or to go back, losing what came since, ${back}`,
    );
  }
}

/** Opens, and where needed makes and migrates, `hub.db` in a directory that nobody else may read. */
export async function openStore(
  dataDir: string,
  /** Told where the former database is kept, when it was brought to a newer version. */
  onKept: (former: string) => void = () => undefined,
): Promise<Store> {
  openPrivateDirectory(dataDir);
  if (existsSync(join(dataDir, restoreMark))) throw new UnfinishedRestoreError(dataDir);
  const file = join(dataDir, "hub.db");
  // Made before SQLite does, so that it and its companions (-wal, -shm copy the mode) are never wider.
  closeSync(openSync(file, "a", 0o600));
  requirePrivate(file, "file");
  return await migrateStore(file, onKept);
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
    "0009-settings": settings(bytes),
    "0010-audit": auditLog(bytes),
    "0012-invitations-of-the-console": invitationsOfTheConsole,
    "0013-providers": providers(bytes),
  };
  return new Migrator({
    db: store,
    provider: { getMigrations: () => Promise.resolve(migrations) },
  });
}

async function migrateStore(file: string, onKept: (former: string) => void): Promise<Store> {
  const { dialect, bytes } = sqliteDialect(file);
  const store = new Kysely<Tables>({ dialect });
  const migrator = makeMigrator(store, bytes);
  const known = await migrator.getMigrations();
  const unknown = (await appliedMigrations(store)).find(
    (name) => !known.some((each) => each.name === name),
  );
  if (unknown !== undefined) {
    await store.destroy();
    throw new NewerDatabaseError(file, unknown, findFormer(file, unknown));
  }
  const next = known.find(({ executedAt }) => executedAt === undefined);
  // What was there before is kept beside it: there is no other way back.
  const former = next === undefined || next === known[0] ? null : await keepFormer(file, next.name);
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) {
    await store.destroy();
    throw new Error("the hub's database could not be brought up to date", { cause: error });
  }
  if (former !== null) onKept(former);
  return store;
}

/** In order; none in an empty database. */
export async function appliedMigrations(store: Store): Promise<string[]> {
  const tables = await store.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === "kysely_migration")) return [];
  const { rows } = await sql<{ name: string }>`
    select name from kysely_migration order by name
  `.execute(store);
  return rows.map(({ name }) => name);
}
