import { afterEach, beforeEach, expect, test } from "vitest";
import { makeHubLimits } from "../config/hub-limits.ts";
import { makeInvitation, makeLogin, makeUser } from "../test-support/make-user.ts";
import { openTestStore } from "../test-support/open-test-store.ts";
import { makeInvitations } from "./invitations.ts";
import { makeLogins } from "./logins.ts";
import type { Store } from "./open-store.ts";
import { makeRegistrationKeys } from "./registration-keys.ts";
import { makeRevocationEvents } from "./revocation-events.ts";
import { makeUsers, type UserPage, type Users } from "./users.ts";
import { makeWorkers } from "./workers.ts";
import { makeWorkspaces } from "./workspaces.ts";

const all = { after: "", limit: 99, name: "" };

let store: Store;
let close: () => Promise<void>;
let users: Users;

beforeEach(async () => {
  ({ store, close } = await openTestStore());
  users = makeUsers(store, { maxUsers: 3 });
});
afterEach(() => close());

const events = async () =>
  (await makeRevocationEvents(store).after(0)).map(({ kind, subject, reason }) =>
    [kind, subject, reason].join(" "),
  );

test("of two who make the first account one wins, and later nobody does", async () => {
  expect(await users.isEmpty()).toBe(true);
  const both = await Promise.all([
    users.createFirst(makeUser("ann", { role: "admin" })),
    users.createFirst(makeUser("eve", { role: "admin" })),
  ]);
  expect(both.sort()).toEqual(["created", "set_up_before"]);
  expect(await users.isEmpty()).toBe(false);
  expect(await users.list(all)).toHaveLength(1);
  expect(await users.createFirst(makeUser("eve", { role: "admin" }))).toBe("set_up_before");
  // Not even when every account were gone.
  await store.deleteFrom("users").execute();
  expect(await users.createFirst(makeUser("eve", { role: "admin" }))).toBe("set_up_before");
});

test("names are unique and accounts bounded", async () => {
  expect(await users.create(makeUser("ann"))).toBe("created");
  const taken = makeUser("ann", { user_id: "usr_other" });
  expect(await users.create(taken)).toBe("username_taken");
  await users.create(makeUser("bob"));
  await users.create(makeUser("cat"));
  expect(await users.create(makeUser("dan"))).toBe("limit_reached");
  expect(await users.findByName("bob")).toMatchObject({ user_id: "usr_bob", epoch: 0 });
  expect(await users.findByName("dan")).toBeUndefined();
});

test("the last admin keeps the role and the account", async () => {
  await users.createFirst(makeUser("ann", { role: "admin" }));
  await users.create(makeUser("bob", { created_at_ms: 1 }));
  expect(await users.setRole("usr_ann", "user", null)).toBe("last_admin");
  expect(await users.remove("usr_ann", 1, null)).toBe("last_admin");
  expect(await users.setRole("usr_nobody", "user", null)).toBe("not_found");
  expect(await users.setRole("usr_bob", "admin", null)).toBe("changed");
  expect((await users.firstAdmin())?.user_id).toBe("usr_ann");
  const both = await Promise.all([
    users.remove("usr_ann", 1, null),
    users.remove("usr_bob", 1, null),
  ]);
  expect(both.sort()).toEqual(["last_admin", "removed"]);
});

test("who is no admin any more has invited nobody", async () => {
  const invitations = makeInvitations(store, { maxInvitations: 9, maxUsers: 9 });
  await users.createFirst(makeUser("ann", { role: "admin" }));
  await users.create(makeUser("bob", { role: "admin" }));
  await invitations.invite(makeInvitation("inv_1", { invited_by: "usr_bob" }));
  await invitations.invite(makeInvitation("inv_2"));
  await users.setRole("usr_bob", "user", null);
  expect((await invitations.list(1)).map((row) => row.invitation_id)).toEqual(["inv_2"]);
});

test("a new password ends every login but the acting one, once, and what is under way", async () => {
  const logins = makeLogins(store, { maxLoginsPerUser: 9 });
  await users.create(makeUser("ann"));
  for (const id of ["lgn_1", "lgn_2", "lgn_3"]) {
    await logins.create(makeLogin(id, "usr_ann"), { epoch: 0 });
  }
  const change = {
    userId: "usr_ann",
    epoch: 0,
    passwordHash: "new",
    loginId: "lgn_2",
    atMs: 5,
  };
  expect(await users.changePassword(change)).toBe("changed");
  // Whoever checked the old password at the same time comes too late.
  expect(await users.changePassword({ ...change, passwordHash: "late" })).toBe("refused");
  expect(await logins.create(makeLogin("lgn_4", "usr_ann"), { epoch: 0 })).toBe("refused");
  expect(await users.find("usr_ann")).toMatchObject({ password_hash: "new", epoch: 1 });
  expect((await logins.list("usr_ann", 1)).map((row) => row.login_id)).toEqual(["lgn_2"]);
  expect((await events()).sort()).toEqual([
    "login lgn_1 password_changed",
    "login lgn_3 password_changed",
  ]);
});

test("a hash is replaced by another of the same password, ends nothing, and never undoes a new one", async () => {
  const logins = makeLogins(store, { maxLoginsPerUser: 9 });
  await users.create(makeUser("ann"));
  await logins.create(makeLogin("lgn_1", "usr_ann"), { epoch: 0 });
  await users.replacePasswordHash("usr_ann", "hash", "same, anew");
  expect(await users.find("usr_ann")).toMatchObject({ password_hash: "same, anew", epoch: 0 });
  expect(await logins.list("usr_ann", 1)).toHaveLength(1);
  const change = { userId: "usr_ann", epoch: 0, loginId: "lgn_1", atMs: 5 };
  await users.changePassword({ ...change, passwordHash: "another" });
  await users.replacePasswordHash("usr_ann", "same, anew", "late");
  expect((await users.find("usr_ann"))?.password_hash).toBe("another");
});

test("everything of an account goes with it, nothing of others", async () => {
  const logins = makeLogins(store, { maxLoginsPerUser: 9 });
  const workspaces = makeWorkspaces(store, { maxWorkspaces: 9, maxTabsPerWorkspace: 9 });
  const keys = makeRegistrationKeys(store, makeHubLimits());
  await users.createFirst(makeUser("ann", { role: "admin" }));
  await users.create(makeUser("bob"));
  for (const name of ["ann", "bob"]) {
    const userId = `usr_${name}`;
    await logins.create(makeLogin(`lgn_${name}`, userId), { epoch: 0 });
    for (const key of [`used by ${name}`, `open of ${name}`]) {
      await keys.add({ key_id: key, key_hash: key, user_id: userId, expires_at_ms: 500 }, 0);
    }
    const worker = {
      worker_id: `worker-${name}`,
      name,
      composite_public_key: new Uint8Array(1664),
      encryption_mode: "classic" as const,
      token_hash: "hash",
      created_at_ms: 0,
    };
    await keys.redeem(`used by ${name}`, 0, worker, new Uint8Array(0));
    const device = { user_id: userId, device_id: `dev_${name}` };
    await store
      .insertInto("grants")
      .values({
        user_id: userId,
        issuer_device_id: device.device_id,
        subject_device_id: "dev_other",
        signed_grant: new Uint8Array(1),
        put_at_ms: 0,
      })
      .execute();
    await store
      .insertInto("device_revocations")
      .values({ ...device, sequence: 1, signed_revocation: new Uint8Array(1) })
      .execute();
    await store
      .insertInto("approval_requests")
      .values({
        request_id: `apr_${name}`,
        user_id: userId,
        device_public_key: new Uint8Array(1),
        user_agent: "",
        address: "",
        created_at_ms: 0,
        expires_at_ms: 1,
      })
      .execute();
    const workspace_id = `wsp_${name}`;
    await workspaces.create({ workspace_id, user_id: userId, title: "t", created_at_ms: 0 });
    const tab = { tab_id: `tab_${name}`, workspace_id, worker_id: `worker-${name}` };
    await workspaces.createTab(userId, { ...tab, kind: "terminal" }, "");
  }
  expect(await users.list(all)).toMatchObject([
    { username: "ann", logins: 1, workers: 1 },
    { username: "bob", logins: 1, workers: 1 },
  ]);

  expect(await users.remove("usr_bob", 7, null)).toBe("removed");
  expect(await users.remove("usr_bob", 7, null)).toBe("not_found");
  expect(await events()).toEqual([
    "login lgn_bob account_deleted",
    "worker worker-bob account_deleted",
  ]);
  const tables = ["users", "logins", "workspaces", "workers", "tabs"] as const;
  const ofDevices = ["grants", "device_revocations", "approval_requests"] as const;
  for (const table of [...tables, ...ofDevices]) {
    expect(
      JSON.stringify(await store.selectFrom(table).selectAll().execute()),
      table,
    ).not.toContain("bob");
    expect(await store.selectFrom(table).selectAll().execute(), table).toHaveLength(1);
  }
  expect(await store.selectFrom("registration_keys").selectAll().execute()).toHaveLength(2);
  expect(await makeWorkers(store).find("worker-ann")).toBeDefined();
});

test("the list tells who has logins, workers and a second factor, whichever it is", async () => {
  for (const name of ["ann", "bob", "cat"]) await users.create(makeUser(name));
  await makeLogins(store, { maxLoginsPerUser: 9 }).create(makeLogin("lgn_1", "usr_ann"), {
    epoch: 0,
  });
  const totp = { user_id: "usr_ann", secret: new Uint8Array(1), last_step: 0, created_at_ms: 0 };
  await store.insertInto("totp").values(totp).execute();
  const passkey = {
    credential_id: "one",
    user_id: "usr_bob",
    name: "key",
    public_key: new Uint8Array(1),
    counter: 0,
    transports: "",
    created_at_ms: 0,
    last_used_at_ms: 0,
  };
  await store
    .insertInto("passkeys")
    .values([passkey, { ...passkey, credential_id: "two" }])
    .execute();
  const worker = {
    worker_id: "worker-0001",
    user_id: "usr_bob",
    name: "one",
    composite_public_key: new Uint8Array(1),
    encryption_mode: "classic" as const,
    token_hash: "hash",
    created_at_ms: 0,
  };
  await store.insertInto("workers").values(worker).execute();
  expect(
    (await users.list(all)).map((row) => [row.username, row.logins, row.workers, row.hasFactor]),
  ).toEqual([
    ["ann", 1, 0, true],
    ["bob", 0, 1, true],
    ["cat", 0, 0, false],
  ]);
});

test("a page of accounts begins after a name, and a search takes nothing for a pattern", async () => {
  users = makeUsers(store, { maxUsers: 9 });
  for (const name of ["dan", "ann", "cat", "bob"]) await users.create(makeUser(name));
  await users.rename("usr_bob", "Robert 100%_Ann\\");
  const names = async (page: Partial<UserPage>) =>
    (await users.list({ ...all, ...page })).map(({ username }) => username);
  expect(await names({ limit: 2 })).toEqual(["ann", "bob"]);
  expect(await names({ after: "bob", limit: 2 })).toEqual(["cat", "dan"]);
  expect(await names({ after: "dan" })).toEqual([]);
  // Whoever the page before ended with may be gone.
  expect(await names({ after: "bz" })).toEqual(["cat", "dan"]);
  expect(await names({ name: "ANN" })).toEqual(["ann", "bob"]);
  expect(await names({ name: "a", after: "ann" })).toEqual(["bob", "cat", "dan"]);
  expect(await names({ name: "100%_" })).toEqual(["bob"]);
  expect(await names({ name: "ann\\" })).toEqual(["bob"]);
  for (const name of ["%", "_"]) expect(await names({ name })).toEqual(["bob"]);
  expect(await names({ name: "'" })).toEqual([]);
});

test("who is no admin any more when it is written acts upon nobody", async () => {
  const logins = makeLogins(store, { maxLoginsPerUser: 9 });
  const invitations = makeInvitations(store, { maxInvitations: 9, maxUsers: 9 });
  await users.createFirst(makeUser("ann", { role: "admin" }));
  await users.create(makeUser("bob", { role: "admin" }));
  await users.create(makeUser("cat"));
  await logins.create(makeLogin("lgn_1", "usr_cat"), { epoch: 0 });
  await users.setRole("usr_bob", "user", "usr_ann");
  const by = "usr_bob";
  const link = makeInvitation("inv_1", { invited_by: by });
  const nothingElse = () => Promise.resolve();
  const refused = { ok: false, reason: "admin_required" };
  expect(await users.setRole("usr_bob", "admin", by)).toBe("admin_required");
  expect(await users.remove("usr_cat", 1, by)).toBe("admin_required");
  expect(await logins.endAllOf("usr_cat", by, 1)).toEqual(refused);
  expect(await logins.endAllOf("usr_cat", "usr_nobody", 1)).toEqual(refused);
  expect(await invitations.invite(link)).toBe("admin_required");
  const reset = { ...link, resets_user_id: "usr_cat" };
  expect(await invitations.reset(reset, nothingElse)).toBe("admin_required");
  expect(await users.find("usr_cat")).toMatchObject({ password_hash: "hash", epoch: 0 });
  expect(await logins.list("usr_cat", 1)).toHaveLength(1);
  expect(await store.selectFrom("invitations").selectAll().execute()).toEqual([]);
  expect(await logins.endAllOf("usr_nobody", "usr_ann", 1)).toMatchObject({ reason: "not_found" });
  expect(await logins.endAllOf("usr_cat", "usr_ann", 1)).toEqual({ ok: true, ended: 1 });
});
