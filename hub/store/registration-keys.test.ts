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
  keys = makeRegistrationKeys(store, {
    maxRegistrationKeys: 2,
    maxRememberedKeys: 6,
    maxWorkers: 3,
    registrationKeyMs: 500,
    registrationKeyExtendableMs: 200,
    pairingAnswerMs: 100,
  });
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

const mac = new Uint8Array(64).fill(5);

/** Hash and id are the same word here. */
const add = (key: string, userId: string, expiresAtMs: number, nowMs: number) =>
  keys.add({ key_id: key, key_hash: key, user_id: userId, expires_at_ms: expiresAtMs }, nowMs);
const redeem = (key: string, nowMs: number, row: ReturnType<typeof worker>) =>
  keys.redeem(key, nowMs, row, mac);

test("a key admits one worker, for the user it was made for", async () => {
  expect(await add("k", "ann", 500, 0)).toBe("added");
  expect(await redeem("k", 499, worker("w1"))).toEqual({ ok: true, userId: "ann" });
  expect(await makeWorkers(store).find("w1")).toMatchObject({ user_id: "ann", bundled: 0 });
  expect(await redeem("k", 499, worker("w2"))).toEqual({ ok: false, reason: "used" });
});

test("unknown, expired and used keys are told apart", async () => {
  await add("k", "ann", 500, 0);
  expect(await redeem("x", 0, worker("w1"))).toEqual({ ok: false, reason: "unknown" });
  expect(await redeem("k", 500, worker("w1"))).toEqual({ ok: false, reason: "expired" });
});

test("of two who race with one key, one wins", async () => {
  await add("k", "ann", 500, 0);
  const both = await Promise.all([redeem("k", 0, worker("w1")), redeem("k", 0, worker("w2"))]);
  expect(both.map((result) => result.ok).sort()).toEqual([false, true]);
  expect(await makeWorkers(store).list("ann")).toHaveLength(1);
});

test("a worker id that exists is refused and does not use the key up", async () => {
  await add("k1", "ann", 500, 0);
  await redeem("k1", 0, worker("w1"));
  await makeWorkers(store).storeLastSeen("w1", 10);
  await add("k2", "ann", 500, 0);
  expect(await redeem("k2", 20, worker("w1"))).toEqual({ ok: false, reason: "worker_exists" });
  expect(await redeem("k2", 20, worker("w2"))).toMatchObject({ ok: true });
});

const again = (id: string) => ({ ...worker(id), name: "anew", token_hash: "another hash" });

test.each(["the same key", "another key of the same user"])(
  "a worker that never heard the answer is admitted again with %s, and its former token is void",
  async (which) => {
    await add("k1", "ann", 500, 0);
    await add("k2", "ann", 500, 0);
    await redeem("k1", 450, worker("w1"));
    const key = which === "the same key" ? "k1" : "k2";
    expect(await redeem(key, 460, again("w1"))).toEqual({ ok: true, userId: "ann" });
    expect(await makeWorkers(store).list("ann")).toMatchObject([
      { worker_id: "w1", name: "anew", token_hash: "another hash" },
    ]);
    expect(await keys.find("ann", key)).toMatchObject({ worker_id: "w1", used_at_ms: 460 });
  },
);

test("asking again counts as no further worker, and makes a key live no longer", async () => {
  for (const [key, id] of [
    ["k1", "w1"],
    ["k2", "w2"],
    ["k3", "w3"],
  ] as const) {
    await add(key, "ann", 500, 0);
    await redeem(key, 0, worker(id));
  }
  expect(await redeem("k3", 499, again("w3"))).toMatchObject({ ok: true });
  expect(await redeem("k3", 500, again("w3"))).toEqual({ ok: false, reason: "used" });
});

test("nobody takes a worker's place by asking again", async () => {
  await add("k1", "ann", 500, 0);
  await redeem("k1", 0, worker("w1"));
  await add("bobs", "bob", 500, 0);
  await add("k2", "ann", 500, 0);
  const exists = { ok: false, reason: "worker_exists" };
  const used = { ok: false, reason: "used" };
  expect(await redeem("bobs", 1, again("w1"))).toEqual(exists);
  const otherKey = { ...again("w1"), composite_public_key: new Uint8Array(1664).fill(1) };
  expect(await redeem("k1", 1, otherKey)).toEqual(used);
  expect(await redeem("k2", 1, otherKey)).toEqual(exists);
  // A key is for the one worker that used it.
  await redeem("k2", 1, worker("w2"));
  expect(await redeem("k2", 2, again("w1"))).toEqual(used);
  // It has been online, so it has its token; or it is to stop for good.
  await makeWorkers(store).storeLastSeen("w1", 3);
  expect(await redeem("k1", 4, again("w1"))).toEqual(used);
  await makeWorkers(store).markDeregistering("ann", "w2");
  expect(await redeem("k2", 4, again("w2"))).toEqual(used);
  const hashes = (await makeWorkers(store).list("ann")).map((row) => row.token_hash);
  expect(hashes).toEqual(["hash", "hash"]);
});

test("open keys and workers are bounded for each user", async () => {
  expect(await add("k1", "ann", 500, 0)).toBe("added");
  expect(await add("k2", "ann", 500, 0)).toBe("added");
  expect(await add("k3", "ann", 500, 0)).toBe("limit_reached");
  expect(await add("k4", "bob", 500, 0)).toBe("added");
  // Expired ones no longer count.
  expect(await add("k5", "ann", 1_500, 500)).toBe("added");
  for (const [key, id] of [
    ["k1", "w1"],
    ["k2", "w2"],
  ] as const) {
    await redeem(key, 0, worker(id));
  }
  await redeem("k5", 600, worker("w3"));
  await add("k6", "ann", 1_500, 600);
  expect(await redeem("k6", 600, worker("w4"))).toEqual({
    ok: false,
    reason: "limit_reached",
  });
});

test("keys that are over count until they are forgotten, a day after their end", async () => {
  for (let index = 0; index < 6; index += 1) {
    expect(await add(`k${index}`, "ann", 500, 0)).toBe("added");
    await keys.destroy("ann", `k${index}`, 0);
  }
  const day = 24 * 60 * 60_000;
  expect(await add("k6", "ann", 500, 0)).toBe("limit_reached");
  expect(await add("k7", "bob", 500, 0)).toBe("added");
  expect(await add("k8", "ann", day + 1_000, day + 500)).toBe("limit_reached");
  expect(await add("k9", "ann", day + 1_001, day + 501)).toBe("added");
});

test("a key with little left is given another life; one with much left, or none, is not", async () => {
  await add("k", "ann", 500, 0);
  expect(await keys.extend("ann", "k", 299)).toEqual({
    ok: false,
    reason: "too_early",
    retryAfterMs: 1,
  });
  expect(await keys.extend("ann", "k", 300)).toEqual({ ok: true, expiresAtMs: 800 });
  expect(await keys.extend("bob", "k", 700)).toEqual({ ok: false, reason: "not_found" });
  expect(await keys.extend("ann", "x", 700)).toEqual({ ok: false, reason: "not_found" });
  expect(await keys.extend("ann", "k", 800)).toEqual({ ok: false, reason: "expired" });
  expect(await redeem("k", 800, worker("w1"))).toEqual({ ok: false, reason: "expired" });
});

test("a destroyed key admits nobody, counts no more and stays destroyed", async () => {
  await add("k1", "ann", 500, 0);
  await add("k2", "ann", 500, 0);
  expect(await keys.destroy("bob", "k1", 0)).toBe(false);
  expect(await keys.destroy("ann", "k1", 0)).toBe(true);
  expect(await keys.destroy("ann", "k1", 1)).toBe(true);
  expect(await redeem("k1", 1, worker("w1"))).toEqual({ ok: false, reason: "destroyed" });
  expect(await keys.extend("ann", "k1", 400)).toEqual({ ok: false, reason: "destroyed" });
  expect(await add("k3", "ann", 500, 0)).toBe("added");
});

test("a used key carries what the worker sent, and cannot be destroyed or extended", async () => {
  await add("k", "ann", 500, 0);
  await redeem("k", 450, worker("w1"));
  expect(await keys.destroy("ann", "k", 460)).toBe(true);
  expect(await keys.extend("ann", "k", 460)).toEqual({ ok: false, reason: "used" });
  expect(await keys.find("bob", "k")).toBeUndefined();
  expect(await keys.find("ann", "k")).toMatchObject({
    destroyed_at_ms: null,
    used_at_ms: 450,
    // Room for the answer, although it was used in its last moment.
    expires_at_ms: 550,
    worker_id: "w1",
    composite_public_key: Buffer.alloc(1664),
    encryption_mode: "post-quantum",
    worker_mac: Buffer.from(mac),
  });
});

test("a pairing is answered by the key's user, for a worker that wants one, in time", async () => {
  const answer = { devicePublicKey: new Uint8Array(1984).fill(1), deviceMac: mac };
  await add("k", "ann", 500, 0);
  expect(await keys.answer("ann", "k", 0, answer)).toEqual({ ok: false, reason: "unused" });
  await redeem("k", 0, worker("w1"));
  expect(await keys.findAnswer("w1", 0)).toBeUndefined();
  expect(await keys.answer("bob", "k", 0, answer)).toEqual({ ok: false, reason: "not_found" });
  expect(await keys.answer("ann", "k", 500, answer)).toEqual({ ok: false, reason: "expired" });
  const wrong = { ...answer, deviceMac: new Uint8Array(64) };
  expect(await keys.answer("ann", "k", 10, wrong)).toEqual({ ok: true, workerId: "w1" });
  expect(await keys.answer("ann", "k", 20, answer)).toEqual({ ok: true, workerId: "w1" });
  expect(await keys.findAnswer("w1", 499)).toEqual({
    userId: "ann",
    devicePublicKey: Buffer.from(answer.devicePublicKey),
    deviceMac: Buffer.from(mac),
  });
  expect(await keys.findAnswer("w1", 500)).toBeUndefined();
  expect(await keys.findAnswer("w2", 0)).toBeUndefined();
});

test("a worker without a pairing secret is not paired", async () => {
  await add("k", "ann", 500, 0);
  await keys.redeem("k", 0, worker("w1"), new Uint8Array(0));
  const answer = { devicePublicKey: new Uint8Array(1984), deviceMac: mac };
  expect(await keys.answer("ann", "k", 0, answer)).toEqual({ ok: false, reason: "unpaired" });
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
