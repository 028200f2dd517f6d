import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import type { Kysely } from "kysely";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDatabase } from "../store/open-database.ts";
import type { EvidenceRow, WorkerTables } from "../store/tables.ts";
import { type EvidenceStore, evidenceBounds, makeEvidenceStore } from "./evidence-store.ts";
import { noteEvidence } from "./note-evidence.ts";

let directory: string;
let database: Kysely<WorkerTables>;
let store: EvidenceStore;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "leapmux-evidence-"));
  database = await openDatabase(directory);
  store = makeEvidenceStore(database, { kept: 20, slack: 5 });
});
afterEach(async () => {
  await database.destroy();
  rmSync(directory, { recursive: true, force: true });
});

const event = (n: number) => ({
  ...{ atMs: 1_000 + n, action: "channel_opened" as const, userId: "usr_ann" },
  ...{ deviceId: `dev_${n}`, subject: `channel-${n}`, reason: "", count: 1 },
});
async function fill(count: number): Promise<void> {
  for (let n = 1; n <= count; n += 1) await store.add(event(n));
}
const list = () => store.list(Number.MAX_SAFE_INTEGER, -1);

test("a chain that nobody touched is whole, in pages of the newest", async () => {
  await fill(12);
  expect(await store.verify()).toMatchObject({ ok: true, entries: 12, forgotten: 0 });
  expect((await store.list(Number.MAX_SAFE_INTEGER, 2)).map((row) => row.sequence)).toEqual([
    12, 11,
  ]);
  expect((await store.list(11, 2)).map((row) => row.sequence)).toEqual([10, 9]);
});

const columns = ["at_ms", "action", "user_id", "device_id", "subject", "reason", "count"] as const;

test.each(["remove", "alter the hash", ...columns])("%s: the entry is named", async (edit) => {
  await fill(12);
  const all = await list();
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 11 }), async (sequence) => {
      const row = all.find((each) => each.sequence === sequence)!;
      const remove = database.deleteFrom("evidence").where("sequence", "=", sequence);
      await remove.execute();
      if (edit !== "remove") {
        await database.insertInto("evidence").values(change(row, edit)).execute();
      }
      expect(await store.verify()).toEqual({ ok: false, sequence });
      await remove.execute();
      await database.insertInto("evidence").values(row).execute();
    }),
    { numRuns: 15 },
  );
  expect(await store.verify()).toMatchObject({ ok: true });
});

function change(row: EvidenceRow, edit: string): EvidenceRow {
  if (edit === "alter the hash") return { ...row, hash: new Uint8Array(32) };
  if (edit === "at_ms" || edit === "count") return { ...row, [edit]: row[edit] + 1 };
  return { ...row, [edit]: "another" };
}

test("the oldest are forgotten, and the rest is still one chain", async () => {
  await fill(100);
  const verdict = await store.verify();
  const entries = (await list()).length;
  expect(entries).toBeLessThanOrEqual(25);
  expect(verdict).toMatchObject({ ok: true, entries, forgotten: 100 - entries });
  // Without what says where the forgotten ones ended it is not.
  await database.deleteFrom("evidence_cut").execute();
  expect(await store.verify()).toEqual({ ok: false, sequence: 1 });
  expect(evidenceBounds.kept).toBe(10_000);
});

test("a flood of refusals is counted and does not push out what was there", async () => {
  const manual = makeManualClock();
  const logger = pino({ level: "silent" });
  const wallClockMs = () => 5_000 + manual.now();
  const notes = noteEvidence({
    store: makeEvidenceStore(database),
    clock: manual,
    wallClockMs,
    logger,
  });
  const refused = {
    ...{ action: "opening_refused" as const, userId: "", deviceId: "", subject: "c" },
    reason: "device_not_trusted",
  };
  notes.note({ ...refused, action: "terminal_opened" });
  for (let n = 0; n < 500; n += 1) notes.note(refused);
  manual.advance(60 * 60_000);
  notes.note(refused);
  await notes.finish();
  const rows = (await list()).toReversed();
  expect(rows).toHaveLength(1 + 20 + 1 + 1);
  expect(rows[0]).toMatchObject({ action: "terminal_opened", at_ms: 5_000 });
  expect(rows[21]).toMatchObject({ action: "opening_refused", count: 480 });
  expect(await makeEvidenceStore(database).verify()).toMatchObject({ ok: true });
});
