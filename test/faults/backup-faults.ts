import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createBackup } from "@leapmux/hub/backup/create-backup.ts";
import { endRestoredLogins } from "@leapmux/hub/backup/end-restored-logins.ts";
import { restoreBackup } from "@leapmux/hub/backup/restore-backup.ts";
import { verifyBackup } from "@leapmux/hub/backup/verify-backup.ts";
import { inspectDatabase } from "@leapmux/hub/store/inspect-database.ts";
import { makeMigrator, openStore } from "@leapmux/hub/store/open-store.ts";
import { addUsers } from "@leapmux/hub/test-support/open-test-store.ts";
import type { FaultOperation } from "./fault-operation.ts";
import { prepareHub, requireWhole, userIds } from "./key-faults.ts";

/** What copies, replaces and changes a whole database, over real files. */

const unlocking = { wrapping: { kind: "none" } as const, passphrase: null };
const hubOf = (directory: string): string => join(directory, "hub");
const copyOf = (directory: string): string => join(directory, "copy");
const wallMs = () => Date.now();

function require(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(what);
}

/** How many users a database has; null: there is none. */
function usersOf(directory: string): number | null {
  const file = join(directory, "hub.db");
  if (!existsSync(file)) return null;
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return Number(database.prepare("select count(*) as count from users").get()?.["count"]);
  } finally {
    database.close();
  }
}

async function makeCopy(directory: string): Promise<void> {
  await createBackup({
    ...{ dataDir: hubOf(directory), target: copyOf(directory), version: "test", wallMs },
    ...unlocking,
  });
}

const backup: FaultOperation = {
  name: "backup",
  async prepare(directory) {
    mkdirSync(directory);
    return await prepareHub(hubOf(directory));
  },
  start: (directory) =>
    Promise.resolve(async () => {
      // Under its name it is whole: there is nothing left to do.
      if (!existsSync(copyOf(directory))) await makeCopy(directory);
    }),
  async check(directory) {
    await requireWhole(hubOf(directory));
    if (existsSync(copyOf(directory))) await verifyBackup(copyOf(directory), unlocking);
  },
  async checkDone(directory) {
    await verifyBackup(copyOf(directory), unlocking);
  },
};

const former = userIds.length + 1;

/** The hub has one user more than its backup. */
const restore: FaultOperation = {
  name: "restore",
  async prepare(directory) {
    await backup.prepare(directory);
    await makeCopy(directory);
    const store = await openStore(hubOf(directory));
    await addUsers(store, ["usr_later"]);
    await store.destroy();
  },
  start: (directory) =>
    Promise.resolve(async () => {
      await restoreBackup({
        ...{ from: copyOf(directory), dataDir: hubOf(directory), unlocking, wallMs },
        settle(dataDir) {
          endRestoredLogins(dataDir);
          return Promise.resolve();
        },
      });
    }),
  async check(directory) {
    const hub = hubOf(directory);
    const places = [hub, ...asideOf(hub)];
    // Wherever it lies by now, what was there before is somewhere, whole.
    require(places.some((place) => usersOf(place) === former), "the former database is lost");
    require(places.some((place) =>
      existsSync(join(place, "encryption.key")),
    ), "the former keys are lost");
    if (existsSync(join(hub, "restore-in-progress"))) {
      const started = await openStore(hub).catch((error: unknown) => error);
      const isRefused = started instanceof Error && started.name === "UnfinishedRestoreError";
      require(isRefused, "a hub would start on a restore that was cut off");
      return;
    }
    const count = usersOf(hub);
    require(count === former || count === userIds.length, `${String(count)} users are left`);
    // Logins of the restored one have ended; those of the former one are as they were.
    if (count === former) await requireWhole(hub);
    else await verifyBackup(copyOf(directory), unlocking);
  },
  async checkDone(directory) {
    const hub = hubOf(directory);
    require(usersOf(hub) === userIds.length, "it is not restored");
    const store = await openStore(hub);
    const logins = await store.selectFrom("logins").selectAll().execute();
    await store.destroy();
    require(logins.length === 0, "logins are there again");
  },
};

function asideOf(hub: string): string[] {
  return readdirSync(hub)
    .filter((name) => name.startsWith("before-restore-"))
    .map((name) => join(hub, name));
}

/** From the version before the newest. */
const migration: FaultOperation = {
  name: "migration",
  async prepare(directory) {
    await prepareHub(directory);
    const store = await openStore(directory);
    const { error } = await makeMigrator(store, "blob").migrateDown();
    await store.destroy();
    if (error !== undefined)
      throw new Error("the newest migration has no way back", { cause: error });
  },
  start: (directory) =>
    Promise.resolve(async () => {
      const store = await openStore(directory);
      await store.destroy();
    }),
  async check(directory) {
    const { faults } = await inspectDatabase(join(directory, "hub.db"));
    require(faults.length === 0, faults.join("; "));
    require(usersOf(directory) === userIds.length, "users are lost");
    for (const copy of keptIn(directory)) {
      const state = await inspectDatabase(copy);
      require(state.faults.length === 0 && state.pending.length === 1, `${copy} is not the former`);
    }
  },
  async checkDone(directory) {
    await requireWhole(directory);
    const { pending } = await inspectDatabase(join(directory, "hub.db"));
    require(pending.length === 0, "it is of the former version");
    require(keptIn(directory).length === 1, "the former one was not kept");
  },
};

function keptIn(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.startsWith("hub.db.before-") && !name.includes(".new"))
    .map((name) => join(directory, name));
}

export const backupFaults: readonly FaultOperation[] = [backup, restore, migration];
