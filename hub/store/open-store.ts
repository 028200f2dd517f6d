import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { Kysely } from "kysely";
import { Migrator, type Migration } from "kysely/migration";
import { sqliteDialect, type StoreDialect } from "./dialect.ts";
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
import { providers } from "./migrations/0011-providers.ts";
import { invitationsOfTheConsole } from "./migrations/0012-invitations-of-the-console.ts";

export type Store = Kysely<Tables>;

/** Opens, and where needed makes and migrates, `hub.db` in a directory that nobody else may read. */
export async function openStore(dataDir: string): Promise<Store> {
  openPrivateDirectory(dataDir);
  const file = join(dataDir, "hub.db");
  // Made before SQLite does, so that it and its companions (-wal, -shm copy the mode) are never wider.
  closeSync(openSync(file, "a", 0o600));
  requirePrivate(file, "file");
  return await migrateStore(sqliteDialect(file));
}

async function migrateStore({ dialect, bytes }: StoreDialect): Promise<Store> {
  const store = new Kysely<Tables>({ dialect });
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
    "0011-providers": providers(bytes),
    "0012-invitations-of-the-console": invitationsOfTheConsole,
  };
  const migrator = new Migrator({
    db: store,
    provider: { getMigrations: () => Promise.resolve(migrations) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) {
    await store.destroy();
    throw new Error("the hub's database could not be brought up to date", { cause: error });
  }
  return store;
}
