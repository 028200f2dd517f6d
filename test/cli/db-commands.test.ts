import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cleanupAfterFile } from "../harness/cleanup.ts";
import { startAdminPlace } from "./admin-commands.ts";
import { runLeapmux } from "./run-leapmux.ts";

const cleanup = cleanupAfterFile();

test("the database of a hub that runs: where, which version, whole; and a grace asks too", async () => {
  const place = await startAdminPlace(cleanup);
  const dataDir = join(place.started.directory, "hub");
  const path = await place.run("offline", "db", "path");
  expect(path).toMatchObject({ code: 0, stdout: `${join(dataDir, "hub.db")}\n` });
  expect(await place.run("offline", "db", "check")).toMatchObject({
    code: 0,
    stdout: "The database is whole.\n",
  });
  const version = await place.run("offline", "db", "version", "--json");
  expect(JSON.parse(version.stdout)).toMatchObject({ pending: [], unknown: [] });
  expect(await place.run("online", "db", "version")).toMatchObject({ code: 2 });

  const asked = await place.run("offline", "encryption-key", "rotate-pepper", "--grace", "1h");
  expect(asked).toMatchObject({ code: 2, stdout: "" });
  expect(asked.stderr).toContain("Give --yes to say so.");
});

test("what is no database is said to be none, and is left alone", async () => {
  const place = await startAdminPlace(cleanup);
  const dataDir = join(place.started.directory, "broken");
  const run = () => runLeapmux(cleanup, ["admin", "db", "check", "--data-dir", dataDir]);
  expect((await run()).stderr).toContain("no hub has run with the data directory");
  mkdirSync(dataDir);
  const text = "not a database ".repeat(1000);
  writeFileSync(join(dataDir, "hub.db"), text);
  const checked = await run();
  expect(checked).toMatchObject({ code: 1, stdout: "" });
  expect(checked.stderr).toContain("cannot be read (SQLITE_NOTADB)");
  expect(readFileSync(join(dataDir, "hub.db"), "utf8")).toBe(text);
});
