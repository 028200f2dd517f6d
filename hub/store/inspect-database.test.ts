import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeUser } from "../test-support/make-user.ts";
import { inspectDatabase } from "./inspect-database.ts";
import { makeMigrator, openStore } from "./open-store.ts";

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "leapmux-store-"));
  file = join(directory, "hub.db");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** As the program before the newest migration left it. */
async function makeFormer(): Promise<void> {
  const store = await openStore(directory);
  await store.insertInto("users").values(makeUser("ann")).execute();
  await store.destroy();
  const database = new Database(file);
  database.exec("delete from kysely_migration where name >= '0003'");
  database.close();
}

test("a whole database of this version, looked at while it is in use", async () => {
  const store = await openStore(directory);
  const state = await inspectDatabase(file);
  expect(state).toMatchObject({ pending: [], unknown: [], faults: [] });
  expect(state.version).toMatch(/^\d{4}-/);
  await store.destroy();
});

test("an older one, a newer one, a damaged one and none at all", async () => {
  await makeFormer();
  const older = await inspectDatabase(file);
  expect(older.version).toMatch(/^0002-/);
  expect(older.pending[0]).toMatch(/^0003-/);

  const database = new Database(file);
  database.exec("insert into kysely_migration values ('9999-later', '2030-01-01')");
  database.pragma("foreign_keys = OFF");
  database.exec("insert into logins select 'lgn_1', 'usr_nobody', 'h', 1, 1, 1, '', '', 0 where 1");
  database.close();
  const newer = await inspectDatabase(file);
  expect(newer.unknown).toEqual(["9999-later"]);
  expect(newer.faults).toEqual(["a row of logins belongs to nothing"]);

  writeFileSync(file, "nothing of SQLite's ".repeat(300));
  await expect(inspectDatabase(file)).rejects.toThrow();
  rmSync(file);
  await expect(inspectDatabase(file)).rejects.toThrow();
  expect(existsSync(file)).toBe(false);
});

test("what was there before a migration is kept beside it, three times, for its owner only", async () => {
  const store = await openStore(directory);
  await store.destroy();
  const kept = (): string[] => readdirSync(directory).filter((name) => name.includes(".before-"));
  // The first start made it: there was nothing to keep.
  expect(kept()).toEqual([]);

  for (const name of ["0001", "0002", "0003"]) {
    writeFileSync(join(directory, `hub.db.before-${name}`), "");
  }
  const database = new Database(file);
  const newest = database
    .prepare("select name from kysely_migration order by name desc limit 1")
    .get() as { name: string };
  database.prepare("delete from kysely_migration where name = ?").run(newest.name);
  database.close();
  // It fails, for what it would make is there; what was is kept all the same.
  await openStore(directory).then(
    (again) => again.destroy(),
    () => undefined,
  );
  const copy = `hub.db.before-${newest.name}`;
  expect(kept().sort()).toEqual(["hub.db.before-0002", "hub.db.before-0003", copy]);
  expect(statSync(join(directory, copy)).mode & 0o777).toBe(0o600);
  const former = await inspectDatabase(join(directory, copy));
  expect(former).toMatchObject({ pending: [newest.name], faults: [] });
});

test("a database of a newer program is refused, with the way forward and the way back", async () => {
  const store = await openStore(directory);
  await store.destroy();
  const database = new Database(file);
  database.exec("insert into kysely_migration values ('9999-later', '2030-01-01')");
  database.close();
  const newer = { name: "NewerDatabaseError" };
  await expect(openStore(directory)).rejects.toMatchObject(newer);
  await expect(openStore(directory)).rejects.toThrow(
    /newer version of LeapMux .9999-later.*restore a backup/,
  );
  writeFileSync(`${file}.before-9999-later`, "");
  await expect(openStore(directory)).rejects.toThrow(`put ${file}.before-9999-later, which was`);
  expect(await inspectDatabase(file)).toMatchObject({ unknown: ["9999-later"] });
});

test("who opens it is told where the former one is kept, once", async () => {
  const store = await openStore(directory);
  await makeMigrator(store, "blob").migrateDown();
  await store.destroy();
  const [newest] = (await inspectDatabase(file)).pending;
  const kept: string[] = [];
  for (let start = 0; start < 2; start += 1) {
    const again = await openStore(directory, (former) => kept.push(former));
    await again.destroy();
  }
  expect(kept).toEqual([`${file}.before-${newest}`]);
});
