import { afterEach, beforeEach, expect, test } from "vitest";
import { compositeKey } from "../test-support/fake-worker.ts";
import { makeLogin, makeUser } from "../test-support/make-user.ts";
import { openTestStore } from "../test-support/open-test-store.ts";
import { makeLoginAdministration, purgeBatch } from "./login-administration.ts";
import { makeApiTokens } from "./api-tokens.ts";
import { makeInvitations } from "./invitations.ts";
import type { Store } from "./open-store.ts";
import { makeRevocationEvents } from "./revocation-events.ts";
import { makeUserAdministration } from "./user-administration.ts";
import { makeUsers } from "./users.ts";
import { makeWorkerAdministration } from "./worker-administration.ts";

let store: Store;
let close: () => Promise<void>;
beforeEach(async () => {
  ({ store, close } = await openTestStore());
  const users = makeUsers(store, { maxUsers: 9 });
  await users.create(makeUser("ann", { role: "admin" }));
  await users.create(makeUser("bob"));
});
afterEach(() => close());

const reasons = async () => {
  const events = await makeRevocationEvents(store).after(0);
  return events.map(({ kind, subject, reason }) => [kind, subject, reason]);
};

test("expired logins are purged in batches, live ones stay, and each purged one leaves its event", async () => {
  const logins = makeLoginAdministration(store);
  for (let at = 0; at < purgeBatch + 1; at += 1) {
    await store
      .insertInto("logins")
      .values(makeLogin(`lgn_${at}`, "usr_ann"))
      .execute();
  }
  const live = makeLogin("lgn_live", "usr_bob", { expires_at_ms: 9_000 });
  await store.insertInto("logins").values(live).execute();
  expect(await logins.purge(1_000)).toBe(purgeBatch + 1);
  expect(await logins.purge(1_000)).toBe(0);
  const { count } = await store
    .selectFrom("revocation_events")
    .select((of) => of.fn.countAll().as("count"))
    .executeTakeFirstOrThrow();
  expect(Number(count)).toBe(purgeBatch + 1);
  const page = { userId: null, after: "", limit: 9, nowMs: 1_000 };
  expect(await logins.list(page)).toMatchObject([{ login_id: "lgn_live", username: "bob" }]);
});

test("logins of one user or of all, behind a key, and the end of one with its event", async () => {
  const logins = makeLoginAdministration(store);
  for (const [id, userId] of [
    ["lgn_1", "usr_ann"],
    ["lgn_2", "usr_bob"],
    ["lgn_3", "usr_ann"],
  ] as const) {
    await store.insertInto("logins").values(makeLogin(id, userId)).execute();
  }
  const ids = async (change: object) =>
    (await logins.list({ userId: null, after: "", limit: 9, nowMs: 0, ...change })).map(
      (row) => row.login_id,
    );
  expect(await ids({})).toEqual(["lgn_1", "lgn_2", "lgn_3"]);
  expect(await ids({ userId: "usr_ann" })).toEqual(["lgn_1", "lgn_3"]);
  expect(await ids({ after: "lgn_1", limit: 1 })).toEqual(["lgn_2"]);
  expect(await ids({ nowMs: 1_000 })).toEqual([]);
  expect(await logins.end("lgn_2", null, 5)).toEqual({ ok: true, userId: "usr_bob" });
  expect(await logins.end("lgn_2", null, 5)).toMatchObject({ reason: "not_found" });
  expect(await reasons()).toEqual([["login", "lgn_2", "ended_by_admin"]]);
});

test("a worker is marked first and forgotten when it is asked again, each with its event", async () => {
  const workers = makeWorkerAdministration(store);
  const worker = {
    worker_id: "worker-0001",
    user_id: "usr_ann",
    name: "box",
    composite_public_key: compositeKey,
    encryption_mode: "classic",
    token_hash: "hash",
    created_at_ms: 1,
  } as const;
  await store.insertInto("workers").values(worker).execute();
  const bundled = { ...worker, worker_id: "worker-0002", bundled: 1 };
  await store.insertInto("workers").values(bundled).execute();
  expect(await workers.deregister("worker-0002", null, 5)).toMatchObject({
    reason: "worker_bundled",
  });
  expect(await workers.deregister("worker-0003", null, 5)).toMatchObject({ reason: "not_found" });
  expect(await reasons()).toEqual([]);
  expect(await workers.deregister("worker-0001", null, 5)).toMatchObject({ forgotten: false });
  const list = { userId: null, deregistering: true, after: "", limit: 9 };
  expect(await workers.list(list)).toMatchObject([{ worker_id: "worker-0001", username: "ann" }]);
  expect(await workers.deregister("worker-0001", null, 5)).toMatchObject({ forgotten: true });
  expect(await workers.find("worker-0001")).toBeUndefined();
  const event = ["worker", "worker-0001", "ended_by_admin"];
  expect(await reasons()).toEqual([event, event]);
});

test("registration keys are withdrawn once, and only those whose time has passed are purged", async () => {
  const workers = makeWorkerAdministration(store);
  for (const [key_id, expires_at_ms] of [
    ["reg_1", 10],
    ["reg_2", 20],
  ] as const) {
    const key = { key_id, key_hash: key_id, user_id: "usr_bob", expires_at_ms };
    await store.insertInto("registration_keys").values(key).execute();
  }
  expect(await workers.revokeKey("reg_2", null, 5)).toMatchObject({ userId: "usr_bob" });
  expect(await workers.revokeKey("reg_2", null, 7)).toMatchObject({ userId: "usr_bob" });
  expect(await workers.revokeKey("reg_3", null, 7)).toMatchObject({ reason: "not_found" });
  expect(await workers.purgeKeys(10)).toBe(1);
  expect(await workers.listKeys({ after: "", limit: 9 })).toMatchObject([
    { key_id: "reg_2", username: "bob", destroyed_at_ms: 5 },
  ]);
});

test("another name, unless somebody has it; another password, with which everything else ends", async () => {
  const users = makeUserAdministration(store, { maxUsers: 9 });
  expect(await users.update("usr_bob", { username: "ann" }, null)).toBe("username_taken");
  expect(await users.update("usr_bob", { username: "rob", displayName: "Rob" }, null)).toBe(
    "updated",
  );
  expect(await users.update("usr_eve", { username: "x" }, null)).toBe("not_found");
  expect(await users.describe("usr_bob")).toMatchObject({ username: "rob", display_name: "Rob" });
  await store.insertInto("logins").values(makeLogin("lgn_1", "usr_bob")).execute();
  const forgotten: string[] = [];
  const set = await users.setPassword(
    { userId: "usr_bob", passwordHash: "next", atMs: 5 },
    (_db, userId) => Promise.resolve(void forgotten.push(userId)),
    null,
  );
  expect([set, forgotten]).toEqual([{ endedLogins: 1 }, ["usr_bob"]]);
  expect(await users.describe("usr_bob")).toMatchObject({ password_hash: "next", epoch: 1 });
  expect(await reasons()).toEqual([["login", "lgn_1", "password_reset"]]);
});

test("whoever is no admin any more when it comes to the write does nothing", async () => {
  await store.insertInto("logins").values(makeLogin("lgn_1", "usr_ann")).execute();
  const key = { key_id: "reg_1", key_hash: "reg_1", user_id: "usr_ann", expires_at_ms: 20 };
  await store.insertInto("registration_keys").values(key).execute();
  const workers = makeWorkerAdministration(store);
  const users = makeUserAdministration(store, { maxUsers: 9 });
  const tokens = makeApiTokens(store, { maxTokensPerUser: 9, maxRefreshGenerations: 9 });
  const invitations = makeInvitations(store, { maxInvitations: 9, maxUsers: 9 });
  const refused = { ok: false, reason: "admin_required" };
  for (const by of ["usr_bob", "usr_gone"]) {
    expect(await makeLoginAdministration(store).end("lgn_1", by, 5)).toEqual(refused);
    expect(await workers.deregister("worker-0001", by, 5)).toEqual(refused);
    expect(await workers.revokeKey("reg_1", by, 5)).toEqual(refused);
    expect(await users.create(makeUser("eve"), by)).toBe("admin_required");
    expect(await tokens.revokeOf({ tokenId: "tok_1", kind: "api" }, by, 5)).toBe("admin_required");
    expect(await invitations.withdraw("inv_1", by)).toBe("admin_required");
  }
  expect(await reasons()).toEqual([]);
  expect(await workers.listKeys({ after: "", limit: 9 })).toMatchObject([
    { destroyed_at_ms: null },
  ]);
  expect(await users.create(makeUser("eve"), "usr_ann")).toBe("created");
});
