import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { join } from "node:path";
import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import pino from "pino";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeHubLimits, type HubLimits } from "../config/hub-limits.ts";
import { makeAudit } from "../make-audit.ts";
import { makeHubLog } from "../ops/hub-log.ts";
import { openStore, type Store } from "../store/open-store.ts";
import type { AuditEvent } from "./audit-event.ts";
import { makeAuditLog, refusedStranger } from "./audit-log.ts";

let dataDir: string;
let store: Store;
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "leapmux-audit-"));
  store = await openStore(dataDir);
});
afterEach(async () => {
  await store.destroy();
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(limits: Partial<HubLimits> = {}, over = store) {
  const manual = makeManualClock();
  const clock = { ...manual, wallMs: () => 1_000 + manual.now() };
  const lines: string[] = [];
  const log = makeHubLog(pino({}, { write: (line: string) => void lines.push(line) }));
  return {
    clock,
    lines,
    ...(await makeAudit({ store: over, dataDir, clock, limits: makeHubLimits(limits), log })),
  };
}

const act: AuditEvent = {
  actor: { kind: "login", id: "usr_ann", via: "lgn_1" },
  address: "10.0.0.1",
  action: "user.deleted",
  target: { kind: "user", id: "usr_bob" },
  result: "done",
};
/** In processes of their own, as a command beside a hub is. */
function appendElsewhere(count: number, rotations: number): Promise<unknown> {
  const script = fileURLToPath(import.meta.resolve("../test-support/append-audit.ts"));
  return promisify(execFile)(process.execPath, [script, dataDir, `${count}`, `${rotations}`]);
}
const rows = () => store.selectFrom("audit_entries").selectAll().orderBy("sequence").execute();
const actionsOf = async () => (await rows()).map(({ action }) => action);
const signed = async () =>
  (await store.selectFrom("audit_signatures").select("sequence").orderBy("sequence").execute()).map(
    ({ sequence }) => sequence,
  );

test("the first entry names the key, which is made for its owner only", async () => {
  const { audit } = await start();
  expect(await actionsOf()).toEqual(["audit.key_made"]);
  expect(await signed()).toEqual([1]);
  expect((statSync(join(dataDir, "audit.key")).mode & 0o777).toString(8)).toBe("600");
  await audit.stop();
});

test("what looks like a secret, a title or contents is not written", async () => {
  const { audit } = await start();
  await audit.append({
    ...act,
    address: `lml_${"A".repeat(43)}`,
    target: { kind: "workspace", id: "my secret plans" },
    detail: {
      token: `lmk_${"A".repeat(43)}`,
      text: "two words",
      long: "x".repeat(81),
      half: 0.5,
      count: 3,
      reason: "throttled",
    },
  });
  const row = (await rows()).at(-1);
  expect(row).toMatchObject({ address: "[redacted]", target_id: "[redacted]" });
  expect(JSON.parse(row?.detail ?? "")).toEqual({
    token: "[redacted]",
    text: "[redacted]",
    long: "[redacted]",
    count: 3,
    reason: "throttled",
  });
  await audit.stop();
});

test("signed after so many entries, after some time and at the end", async () => {
  const { audit, clock } = await start({ auditSignEveryEntries: 4 });
  for (let n = 0; n < 5; n += 1) await audit.append(act);
  expect(await signed()).toEqual([1, 5]);
  clock.advance(5_000);
  await expect.poll(signed).toEqual([1, 5, 6]);
  await audit.append(act);
  await audit.stop();
  expect(await signed()).toEqual([1, 5, 6, 7]);
});

test("several processes write one chain, without a gap, while keys rotate", async () => {
  const { audit } = await start();
  await audit.stop();
  await Promise.all([appendElsewhere(40, 2), appendElsewhere(40, 2), appendElsewhere(40, 0)]);
  const all = await rows();
  expect(all.map(({ sequence }) => sequence)).toEqual(all.map((_, index) => index + 1));
  expect(all).toHaveLength(1 + 3 * 40 + 4);
  // The key that the chain names is the one that is there.
  const again = await start();
  await again.audit.append(act);
  await again.audit.stop();
  expect(await signed()).toContain(all.length + 1);
});

test("where an entry cannot be written, whoever waits for it hears so, and the relay does not wait", async () => {
  const { audit, lines } = await start();
  await store.schema.alterTable("audit_entries").renameTo("gone").execute();
  await expect(audit.append(act)).rejects.toThrow();
  await expect(audit.record(act)).rejects.toThrow();
  audit.recordSoon(act);
  await expect.poll(() => lines.join("")).toContain("audit entries not written");
  await store.schema.alterTable("gone").renameTo("audit_entries").execute();
  audit.recordSoon(act);
  await audit.stop();
  // What was lost is said once there is room again.
  expect((await rows()).map(({ action, detail }) => [action, detail])).toContainEqual([
    "audit.lost",
    '{"count":1}',
  ]);
});

test("a flood of strangers costs a bounded number of entries, and none is uncounted", async () => {
  const { audit, clock } = await start({ maxAuditedNetworks: 4, auditRefusalsPerWindow: 2 });
  for (let n = 0; n < 1_000; n += 1) {
    audit.recordSoon(refusedStranger("login.failed", `10.0.0.${n % 100}`, "login_refused"));
  }
  clock.advance(10 * 60_000);
  await audit.stop();
  const failures = (await rows()).filter(({ action }) => action === "login.failed");
  // Four networks with two and a sum each, and one sum of all others.
  expect(failures).toHaveLength(4 * 3 + 1);
  const counts = failures.map(
    ({ detail }) => (JSON.parse(detail) as { count?: number }).count ?? 1,
  );
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1_000);
  expect(failures.find(({ address }) => address === "")?.detail).toBe('{"count":960}');
});

test("what waits is bounded, and what did not fit is counted", async () => {
  const { audit } = await start({ maxQueuedAuditEntries: 10, auditActsPerWindow: 1_000 });
  for (let n = 0; n < 100; n += 1) audit.recordSoon({ ...act, action: "channel.opened" });
  await audit.stop();
  audit.recordSoon(act);
  await audit.stop();
  const all = await rows();
  const kept = all.filter(({ action }) => action === "channel.opened").length;
  const lost = all
    .filter(({ action }) => action === "audit.lost")
    .map(({ detail }) => (JSON.parse(detail) as { count: number }).count)
    .reduce((sum, count) => sum + count, 0);
  expect(kept + lost).toBe(100);
  expect(kept).toBeLessThan(100);
});

test("a rotated key signs on, and another process that runs notices by itself", async () => {
  const other = await openStore(dataDir);
  const [a, b] = [await start({}, store), await start({}, other)];
  const before = readFileSync(join(dataDir, "audit.key"), "utf8");
  const { sequence } = await a.chain.rotateKey({ kind: "console", id: "", via: "" });
  expect(readFileSync(join(dataDir, "audit.key"), "utf8")).not.toBe(before);
  await b.audit.append(act);
  await b.audit.stop();
  const keys = await store.selectFrom("audit_signatures").selectAll().orderBy("sequence").execute();
  expect(keys.map((each) => each.sequence)).toEqual([1, sequence, sequence + 1]);
  // The entry of the rotation is the old key's last word.
  expect(Buffer.compare(keys[0]!.public_key, keys[1]!.public_key)).toBe(0);
  expect(Buffer.compare(keys[1]!.public_key, keys[2]!.public_key)).not.toBe(0);
  await a.audit.stop();
  await other.destroy();
});

test("the former key goes only when the chain that names the other one is on the medium", async () => {
  const { audit, chain } = await start();
  const file = join(dataDir, "audit.key");
  const before = readFileSync(file, "utf8");
  const atFlush: unknown[] = [];
  const prepare = Database.prototype.prepare;
  const spy = vi.spyOn(Database.prototype, "prepare").mockImplementation(function (
    this: Database.Database,
    text: string,
  ) {
    if (text === "pragma synchronous = normal") {
      atFlush.push([readFileSync(file, "utf8") === before, existsSync(`${file}.next`)]);
    }
    return prepare.call(this, text);
  });
  try {
    await chain.rotateKey({ kind: "console", id: "", via: "" });
  } finally {
    spy.mockRestore();
  }
  expect(atFlush).toEqual([[true, true]]);
  expect(readFileSync(file, "utf8")).not.toBe(before);
  expect(existsSync(`${file}.next`)).toBe(false);
  await audit.stop();
});

test("what a killed process had begun to write does not stay behind", async () => {
  const leftovers = ["audit.key", "audit.key.next"].map((name) => `${name}.0123456789abcdef.new`);
  const leave = () => leftovers.forEach((name) => writeFileSync(join(dataDir, name), "a key"));
  const left = () => readdirSync(dataDir).filter((name) => name.endsWith(".new"));
  leave();
  await (await start()).audit.stop();
  expect(left()).toEqual([]);
  leave();
  await (await start()).audit.stop();
  expect(left()).toEqual([]);
});

test("a lost or damaged key is said, and no other one is made in its place", async () => {
  const { audit } = await start();
  await audit.stop();
  const file = join(dataDir, "audit.key");
  const text = readFileSync(file, "utf8");
  rmSync(file);
  await expect(start()).rejects.toThrow(/audit\.key is missing: restore it from a backup/);
  writeFileSync(file, "nonsense", { mode: 0o600 });
  await expect(start()).rejects.toThrow(/audit\.key is damaged/);
  writeFileSync(file, text, { mode: 0o600 });
  await (await start()).audit.stop();
});

test("an entry is written at whatever moment it comes, also when the last one is just done", async () => {
  for (let turns = 0; turns < 12; turns += 1) {
    const written: AuditEvent[] = [];
    const gate = Promise.withResolvers<void>();
    const manual = makeManualClock();
    const log = makeAuditLog({
      chain: {
        async append(events) {
          await gate.promise;
          return written.push(...events);
        },
        appendIn: () => Promise.reject(new Error("not asked for")),
        sign: () => Promise.resolve(),
        rotateKey: () => Promise.reject(new Error("not asked for")),
      },
      clock: { ...manual, wallMs: () => 1_000 + manual.now() },
      limits: makeHubLimits(),
      log: makeHubLog(pino({ level: "silent" })),
    });
    log.recordSoon(act);
    gate.resolve();
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    log.recordSoon({ ...act, action: "channel.opened" });
    await log.stop();
    expect(
      written.map(({ action }) => action),
      `${turns} turns later`,
    ).toEqual([act.action, "channel.opened"]);
  }
});
