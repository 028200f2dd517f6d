import { mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { openDatabase } from "./open-database.ts";
import { makeTerminalStore } from "./terminal-store.ts";

const row = {
  terminal_id: "t",
  user_id: "u",
  workspace_id: "w",
  manual_title: "",
  program_title: "p",
  directory: "/",
  shell: "/bin/sh",
  cols: 80,
  rows: 24,
  exit_code: null,
  exit_signal: 9,
  created_at_ms: 1_795_000_000_000,
};

test("the memory that SQLite may take is what was asked for", async () => {
  const dataDir = join(mkdtempSync(join(tmpdir(), "leapmux-store-")), "worker");
  const mebibyte = 1024 * 1024;
  const tables = await openDatabase(dataDir, { cacheBytes: mebibyte, mmapBytes: 2 * mebibyte });
  const read = async (name: string) =>
    (await sql.raw<Record<string, number>>(`pragma ${name}`).execute(tables)).rows[0]?.[name];
  expect(await read("cache_size")).toBe(-1024);
  expect(await read("mmap_size")).toBe(2 * mebibyte);
  await tables.destroy();
});

test("rows and screens outlive the database's closing, for the owner alone", async () => {
  const dataDir = join(mkdtempSync(join(tmpdir(), "leapmux-store-")), "worker");
  const first = await openDatabase(dataDir);
  const store = makeTerminalStore(first);
  await store.save(row, Buffer.from("screen"));
  // A save without a screen leaves the one that is there.
  await store.save({ ...row, manual_title: "m" });
  for (const name of ["worker.db", "worker.db-wal", "worker.db-shm"]) {
    expect(statSync(join(dataDir, name)).mode & 0o777, name).toBe(0o600);
  }
  await first.destroy();

  const second = await openDatabase(dataDir);
  const again = makeTerminalStore(second);
  expect(await again.list()).toEqual([{ ...row, manual_title: "m" }]);
  expect(Buffer.from((await again.readSnapshot("t")) ?? []).toString()).toBe("screen");
  await again.remove("t");
  expect(await again.list()).toEqual([]);
  expect(await again.readSnapshot("t")).toBeNull();
  await second.destroy();
});
