/** What docs/operating.md says to do when the encryption key is gone for good: nothing sealed may be left. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openStore } from "@leapmux/hub/store/open-store.ts";
import { everySealedColumn, holdsSealed } from "@leapmux/hub/store/sealed-columns.ts";
import { expect, test } from "vitest";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";

const page = readFileSync(
  path.join(import.meta.dirname, "..", "..", "docs", "operating.md"),
  "utf8",
);

interface Column {
  name: string;
  type: string;
  notnull: number;
}

test("after the recipe for a lost key nothing needs it, and the accounts are still there", async () => {
  const [, recipe = ""] = /sqlite3 hub\.db "([^"]*delete from totp[^"]*)"/.exec(page) ?? [];
  expect(recipe).not.toBe("");
  const directory = await makeTemporaryDirectory(cleanupAfterTest());
  const store = await openStore(directory);
  const database = new DatabaseSync(path.join(directory, "hub.db"));
  database.exec("pragma foreign_keys = off");
  // One row of each table that has a sealed column, whatever else is in it, and one of somebody.
  for (const table of new Set(["users", ...everySealedColumn.map((each) => each.table)])) {
    const columns = database.prepare(`pragma table_info(${table})`).all() as unknown as Column[];
    const values = columns.map(({ type }) => {
      if (/blob/i.test(type)) return new Uint8Array([1, 0, 0, 0, 1, 9]);
      return /int/i.test(type) ? 1 : "usr_ann";
    });
    const places = columns.map(() => "?").join(", ");
    database.prepare(`insert into ${table} values (${places})`).run(...values);
  }
  expect(await holdsSealed(store)).toBe(true);

  database.exec(recipe);
  expect(await holdsSealed(store)).toBe(false);
  expect(database.prepare("select count(*) as count from users").get()).toEqual({ count: 1 });
  database.close();
  await store.destroy();
});
