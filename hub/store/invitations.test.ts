import { afterEach, beforeEach, expect, test } from "vitest";
import { makeInvitation, makeLogin, makeUser } from "../test-support/make-user.ts";
import { openTestStore } from "../test-support/open-test-store.ts";
import { makeInvitations, type Invitations } from "./invitations.ts";
import { makeLogins } from "./logins.ts";
import type { Store } from "./open-store.ts";
import { makeRevocationEvents } from "./revocation-events.ts";
import { makeUsers, type Users } from "./users.ts";

let store: Store;
let close: () => Promise<void>;
let invitations: Invitations;
let users: Users;

beforeEach(async () => {
  ({ store, close } = await openTestStore());
  invitations = makeInvitations(store, { maxInvitations: 2, maxUsers: 4 });
  users = makeUsers(store, { maxUsers: 4 });
  await users.createFirst(makeUser("ann", { role: "admin" }));
});
afterEach(() => close());

const nothingElse = () => Promise.resolve();
const tokenRefused = { ok: false, reason: "token_refused" };
const chosen = (name: string) => {
  const { role: _role, ...account } = makeUser(name);
  return account;
};

test("an invitation makes one account with its role", async () => {
  await invitations.invite(makeInvitation("inv_1", { role: "admin" }));
  expect(await invitations.read("hash of inv_1", 1)).toMatchObject({
    invited_by_name: "ann",
    resets_username: null,
  });
  const both = await Promise.all([
    invitations.accept("hash of inv_1", 1, chosen("bob")),
    invitations.accept("hash of inv_1", 1, chosen("cat")),
  ]);
  expect(both.map(({ ok }) => ok).sort()).toEqual([false, true]);
  expect((await users.list({ after: "", limit: 9, name: "" })).map((user) => user.role)).toEqual([
    "admin",
    "admin",
  ]);
  expect(await invitations.read("hash of inv_1", 1)).toBeUndefined();
});

test("one whose name is taken leaves the link usable", async () => {
  await invitations.invite(makeInvitation("inv_1"));
  expect(await invitations.accept("hash of inv_1", 1, chosen("ann"))).toEqual({
    ok: false,
    reason: "username_taken",
  });
  expect(await invitations.accept("hash of inv_1", 1, chosen("bob"))).toMatchObject({ ok: true });
});

test("unknown, expired and withdrawn links are refused alike", async () => {
  await invitations.invite(makeInvitation("inv_1"));
  await invitations.invite(makeInvitation("inv_2"));
  expect(await invitations.accept("nonsense", 1, chosen("bob"))).toEqual(tokenRefused);
  expect(await invitations.accept("hash of inv_1", 1_000, chosen("bob"))).toEqual(tokenRefused);
  expect(await invitations.withdraw("inv_2", null)).toBe("withdrawn");
  expect(await invitations.withdraw("inv_2", null)).toBe("not_found");
  expect(await invitations.accept("hash of inv_2", 1, chosen("bob"))).toEqual(tokenRefused);
});

test("open invitations are bounded; expired ones do not count", async () => {
  await invitations.invite(makeInvitation("inv_1"));
  await invitations.invite(makeInvitation("inv_2"));
  expect(await invitations.invite(makeInvitation("inv_3"))).toBe("limit_reached");
  const later = { created_at_ms: 1_000, expires_at_ms: 2_000 };
  expect(await invitations.invite(makeInvitation("inv_3", later))).toBe("made");
  expect(await invitations.list(1_000)).toHaveLength(1);
});

test("a reset takes password, logins and the former link, then gives one new password", async () => {
  const logins = makeLogins(store, { maxLoginsPerUser: 9 });
  await users.create(makeUser("bob"));
  await logins.create(makeLogin("lgn_1", "usr_bob"), { epoch: 0 });
  const forgotten: string[] = [];
  const reset = (id: string, userId = "usr_bob") =>
    invitations.reset({ ...makeInvitation(id), resets_user_id: userId }, (_db, forgottenId) =>
      Promise.resolve(void forgotten.push(forgottenId)),
    );
  expect(await reset("inv_0", "usr_nobody")).toBe("not_found");
  expect(await reset("inv_1")).toBe("made");
  expect(forgotten).toEqual(["usr_bob"]);
  expect(await users.find("usr_bob")).toMatchObject({ password_hash: null, epoch: 1 });
  expect(await logins.list("usr_bob", 1)).toEqual([]);
  expect(await makeRevocationEvents(store).reasonOf("login", "lgn_1")).toBe("password_reset");

  await reset("inv_2");
  expect(await invitations.acceptReset("hash of inv_1", 1, "new")).toEqual(tokenRefused);
  expect(await invitations.read("hash of inv_2", 1)).toMatchObject({ resets_username: "bob" });
  // It is no invitation: it makes no account, is not listed and cannot be withdrawn as one.
  expect(await invitations.accept("hash of inv_2", 1, chosen("cat"))).toEqual(tokenRefused);
  expect([await invitations.list(1), await invitations.withdraw("inv_2", null)]).toEqual([
    [],
    "not_found",
  ]);
  expect(await invitations.acceptReset("hash of inv_2", 1, "new")).toMatchObject({
    ok: true,
    user: { user_id: "usr_bob", epoch: 3, password_hash: "new" },
  });
  expect(await invitations.acceptReset("hash of inv_2", 1, "newer")).toEqual(tokenRefused);
  expect(await users.find("usr_bob")).toMatchObject({ password_hash: "new", epoch: 3 });
});

test("an invitation cannot set anybody's password", async () => {
  await invitations.invite(makeInvitation("inv_1"));
  expect(await invitations.acceptReset("hash of inv_1", 1, "new")).toEqual(tokenRefused);
  expect(await invitations.read("hash of inv_1", 1)).toBeDefined();
  expect(await users.find("usr_ann")).toMatchObject({ password_hash: "hash" });
});

test("links of somebody whose account is gone are gone", async () => {
  await users.create(makeUser("bob", { role: "admin" }));
  await invitations.invite(makeInvitation("inv_1", { invited_by: "usr_bob" }));
  await users.create(makeUser("cat"));
  await invitations.reset({ ...makeInvitation("inv_2"), resets_user_id: "usr_cat" }, nothingElse);
  await users.remove("usr_bob", 1, null);
  await users.remove("usr_cat", 1, null);
  expect(await store.selectFrom("invitations").selectAll().execute()).toEqual([]);
});
