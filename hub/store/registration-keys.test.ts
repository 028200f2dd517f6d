import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestStore } from "../test-support/open-test-store.ts";
import type { Store } from "./open-store.ts";
import { makeRegistrationKeys, type RegistrationKeys } from "./registration-keys.ts";
import { makeWorkers } from "./workers.ts";

let store: Store;
let close: () => Promise<void>;
let keys: RegistrationKeys;

beforeEach(async () => {
  ({ store, close } = await openTestStore());
  keys = makeRegistrationKeys(store, { maxRegistrationKeys: 2, maxWorkers: 3 });
});
afterEach(() => close());

const worker = (id: string) => ({
  worker_id: id,
  name: id,
  composite_public_key: new Uint8Array(1664),
  encryption_mode: "post-quantum" as const,
  token_hash: "hash",
  created_at_ms: 0,
});

test("a key admits one worker, for the user it was made for", async () => {
  expect(await keys.add("k", "ann", 500, 0)).toBe("added");
  expect(await keys.redeem("k", 499, worker("w1"))).toEqual({ ok: true, userId: "ann" });
  expect(await makeWorkers(store).find("w1")).toMatchObject({ user_id: "ann", bundled: 0 });
  expect(await keys.redeem("k", 499, worker("w2"))).toEqual({ ok: false, reason: "used" });
});

test("unknown, expired and used keys are told apart", async () => {
  await keys.add("k", "ann", 500, 0);
  expect(await keys.redeem("x", 0, worker("w1"))).toEqual({ ok: false, reason: "unknown" });
  expect(await keys.redeem("k", 500, worker("w1"))).toEqual({ ok: false, reason: "expired" });
});

test("of two who race with one key, one wins", async () => {
  await keys.add("k", "ann", 500, 0);
  const both = await Promise.all([
    keys.redeem("k", 0, worker("w1")),
    keys.redeem("k", 0, worker("w2")),
  ]);
  expect(both.map((result) => result.ok).sort()).toEqual([false, true]);
  expect(await makeWorkers(store).list("ann")).toHaveLength(1);
});

test("a worker id that exists is refused and does not use the key up", async () => {
  await keys.add("k1", "ann", 500, 0);
  await keys.redeem("k1", 0, worker("w1"));
  await keys.add("k2", "ann", 500, 0);
  expect(await keys.redeem("k2", 0, worker("w1"))).toEqual({ ok: false, reason: "worker_exists" });
  expect(await keys.redeem("k2", 0, worker("w2"))).toMatchObject({ ok: true });
});

test("open keys and workers are bounded for each user", async () => {
  expect(await keys.add("k1", "ann", 500, 0)).toBe("added");
  expect(await keys.add("k2", "ann", 500, 0)).toBe("added");
  expect(await keys.add("k3", "ann", 500, 0)).toBe("limit_reached");
  expect(await keys.add("k4", "bob", 500, 0)).toBe("added");
  // Expired ones no longer count.
  expect(await keys.add("k5", "ann", 1_500, 500)).toBe("added");
  for (const [key, id] of [
    ["k1", "w1"],
    ["k2", "w2"],
  ] as const) {
    await keys.redeem(key, 0, worker(id));
  }
  await keys.redeem("k5", 600, worker("w3"));
  await keys.add("k6", "ann", 1_500, 600);
  expect(await keys.redeem("k6", 600, worker("w4"))).toEqual({
    ok: false,
    reason: "limit_reached",
  });
});

test("a new bundled worker replaces the former with its tabs", async () => {
  const workers = makeWorkers(store);
  await workers.putBundled({ ...worker("old"), user_id: "ann" });
  await store
    .insertInto("workspaces")
    .values({ workspace_id: "p", user_id: "ann", title: "t", created_at_ms: 0 })
    .execute();
  await store
    .insertInto("tabs")
    .values({ tab_id: "t", workspace_id: "p", worker_id: "old", kind: "terminal", position: "V" })
    .execute();
  await workers.putBundled({ ...worker("old"), user_id: "ann", name: "again" });
  expect(await store.selectFrom("tabs").selectAll().execute()).toHaveLength(1);
  await workers.putBundled({ ...worker("new"), user_id: "ann" });
  expect((await workers.list("ann")).map((row) => row.worker_id)).toEqual(["new"]);
  expect(await store.selectFrom("tabs").selectAll().execute()).toEqual([]);
});
