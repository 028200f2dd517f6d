import { afterEach, beforeEach, expect, test } from "vitest";
import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { makeHubLimits } from "../config/hub-limits.ts";
import { makeInvitation } from "../test-support/make-user.ts";
import { addUsers, openTestStore } from "../test-support/open-test-store.ts";
import { startHub } from "../test-support/start-hub.ts";
import { openStore, type Store } from "./open-store.ts";
import { expiringTables, purgeExpired } from "./purge-expired.ts";

const dayMs = 24 * 60 * 60_000;
let store: Store;
let close: () => Promise<void>;
beforeEach(async () => ({ store, close } = await openTestStore()));
afterEach(() => close());

const countOf = async (table: "invitations" | "registration_keys" | "approval_requests") =>
  (await store.selectFrom(table).selectAll().execute()).length;

test("every table whose rows expire is purged, or ended by whoever tells it", async () => {
  const tables = await store.introspection.getTables();
  const expiring = tables
    .filter(({ columns }) => columns.some(({ name }) => /(^|_)expires_at_ms$/.test(name)))
    .map(({ name }) => name);
  const told = ["api_tokens", "logins"];
  expect(expiring.sort()).toEqual([...expiringTables.map(({ table }) => table), ...told].sort());
});

test("what has expired goes, in as many batches as it takes, and what has not stays", async () => {
  await addUsers(store, ["usr_ann"]);
  const nowMs = 100 * dayMs;
  for (let index = 0; index < 1_203; index += 1) {
    const expires_at_ms = index < 1_201 ? nowMs - 1 : nowMs;
    const row = makeInvitation(`inv_${index}`, { invited_by: "usr_ann", expires_at_ms });
    await store.insertInto("invitations").values(row).execute();
  }
  for (const [id, expires_at_ms] of [
    ["key_old", nowMs - dayMs - 1],
    ["key_remembered", nowMs - dayMs],
  ] as const) {
    const row = { key_id: id, key_hash: id, user_id: "usr_ann", expires_at_ms };
    await store.insertInto("registration_keys").values(row).execute();
    await store
      .insertInto("approval_requests")
      .values({
        ...{ request_id: id, user_id: "usr_ann", device_public_key: new Uint8Array(1) },
        ...{ user_agent: "", address: "", created_at_ms: 0, expires_at_ms },
      })
      .execute();
  }
  expect(await purgeExpired(store, nowMs)).toBe(1_201 + 1 + 2);
  expect(await countOf("invitations")).toBe(2);
  expect(await countOf("registration_keys")).toBe(1);
  expect(await countOf("approval_requests")).toBe(0);
  expect(await purgeExpired(store, nowMs)).toBe(0);
});

test("a hub does it each hour", async () => {
  const manual = makeManualClock(0);
  const clock = { ...manual, wallMs: () => 100 * dayMs + manual.now() };
  const { hub, dataDir, stop } = await startHub({ kind: "hub", clock });
  try {
    const beside = await openStore(dataDir);
    await addUsers(beside, ["usr_ann"]);
    const row = makeInvitation("inv_1", { invited_by: "usr_ann", expires_at_ms: 1 });
    await beside.insertInto("invitations").values(row).execute();
    const { purgeMs } = makeHubLimits();
    expect(purgeMs).toBe(60 * 60_000);
    manual.advance(purgeMs);
    // Closing waits for it.
    await hub.close();
    expect(await beside.selectFrom("invitations").selectAll().execute()).toEqual([]);
    await beside.destroy();
  } finally {
    await stop();
  }
});
