import { afterEach, beforeEach, expect, test } from "vitest";
import { makeLogin, makeUser } from "../test-support/make-user.ts";
import { openTestStore } from "../test-support/open-test-store.ts";
import { makeLogins, type Logins } from "./logins.ts";
import type { Store } from "./open-store.ts";
import { makeRevocationEvents, type RevocationEvents } from "./revocation-events.ts";
import { makeUsers } from "./users.ts";

let store: Store;
let close: () => Promise<void>;
let logins: Logins;
let events: RevocationEvents;
const epoch = 0;

beforeEach(async () => {
  ({ store, close } = await openTestStore());
  logins = makeLogins(store, { maxLoginsPerUser: 3 });
  events = makeRevocationEvents(store);
  const users = makeUsers(store, { maxUsers: 9 });
  await users.create(makeUser("ann", { role: "admin" }));
  await users.create(makeUser("bob"));
});
afterEach(() => close());

const idsOf = async (userId: string, nowMs = 1) =>
  (await logins.list(userId, nowMs)).map((row) => row.login_id);

test("a token leads to its login and role as long as its time has not passed", async () => {
  await logins.create(makeLogin("lgn_1", "usr_ann"), { epoch });
  expect(await logins.findByToken("hash of lgn_1", 999)).toMatchObject({
    login_id: "lgn_1",
    user_id: "usr_ann",
    role: "admin",
  });
  expect(await logins.findByToken("hash of lgn_2", 0)).toBeUndefined();
  expect(await logins.findByToken("hash of lgn_1", 1_000)).toBeUndefined();
  expect([await logins.isLive("lgn_1", 999), await logins.isLive("lgn_1", 1_000)]).toEqual([
    true,
    false,
  ]);
});

test("use begins its time anew, but brings none back", async () => {
  await logins.create(makeLogin("lgn_1", "usr_ann"), { epoch });
  await logins.touch("lgn_1", 900, 1_900);
  expect(await logins.isLive("lgn_1", 1_899)).toBe(true);
  expect(await makeUsers(store, { maxUsers: 9 }).find("usr_ann")).toMatchObject({
    last_seen_at_ms: 900,
  });
  await logins.touch("lgn_1", 1_900, 9_999);
  expect(await logins.isLive("lgn_1", 1_900)).toBe(false);
});

test("those whose time has passed end, with an event each, once", async () => {
  await logins.create(makeLogin("lgn_1", "usr_ann"), { epoch });
  await logins.create(makeLogin("lgn_2", "usr_bob", { expires_at_ms: 2_000 }), { epoch });
  expect([
    await logins.expire(999),
    await logins.expire(1_000),
    await logins.expire(1_000),
  ]).toEqual([0, 1, 0]);
  expect(await events.after(0)).toMatchObject([
    { sequence: 1, kind: "login", subject: "lgn_1", reason: "expired", at_ms: 1_000 },
  ]);
  expect(await events.reasonOf("login", "lgn_1")).toBe("expired");
  expect(await events.reasonOf("login", "lgn_2")).toBeUndefined();
});

test("only one's own logins can be ended", async () => {
  await logins.create(makeLogin("lgn_1", "usr_ann"), { epoch });
  expect(await logins.end("usr_bob", "lgn_1", "ended_by_user", 1)).toBe(false);
  expect(await logins.end("usr_ann", "lgn_1", "logged_out", 1)).toBe(true);
  expect(await logins.end("usr_ann", "lgn_1", "logged_out", 1)).toBe(false);
  expect(await events.after(0)).toHaveLength(1);
});

test("ending all spares one and whoever else, and no log-in under way gets through", async () => {
  for (const id of ["lgn_1", "lgn_2", "lgn_3"]) {
    await logins.create(makeLogin(id, "usr_ann"), { epoch });
  }
  await logins.create(makeLogin("lgn_4", "usr_bob"), { epoch });
  expect(await logins.endAll("usr_ann", "lgn_2", "ended_by_user", 1)).toBe(2);
  expect(await idsOf("usr_ann")).toEqual(["lgn_2"]);
  expect(await idsOf("usr_bob")).toEqual(["lgn_4"]);
  expect(await logins.create(makeLogin("lgn_5", "usr_ann"), { epoch })).toBe("refused");
  expect(await logins.create(makeLogin("lgn_5", "usr_ann"), { epoch: 1 })).toBe("created");
  expect(await logins.endAll("usr_ann", null, "ended_by_admin", 1)).toBe(2);
});

test("a login that another one vouches for needs it to be there, and of the same user", async () => {
  await logins.create(makeLogin("lgn_1", "usr_ann"), { epoch });
  const vouched = (approvedBy: string, userId: string) =>
    logins.create(makeLogin("lgn_9", userId), { epoch, approvedBy });
  expect(await vouched("lgn_2", "usr_ann")).toBe("refused");
  expect(await vouched("lgn_1", "usr_bob")).toBe("refused");
  expect(await vouched("lgn_1", "usr_ann")).toBe("created");
  expect(await logins.create(makeLogin("lgn_8", "usr_gone"), { epoch })).toBe("refused");
});

test("the ones that nobody used for longest make room, and are told", async () => {
  for (const [index, id] of ["lgn_1", "lgn_2", "lgn_3"].entries()) {
    await logins.create(makeLogin(id, "usr_ann", { last_seen_at_ms: index }), { epoch });
  }
  await logins.touch("lgn_1", 10, 2_000);
  await logins.create(makeLogin("lgn_4", "usr_ann", { last_seen_at_ms: 11 }), { epoch });
  expect(await idsOf("usr_ann", 11)).toEqual(["lgn_4", "lgn_1", "lgn_3"]);
  expect(await events.reasonOf("login", "lgn_2")).toBe("ended_by_user");
});

test("sequences go on after old events were forgotten", async () => {
  await logins.create(makeLogin("lgn_1", "usr_ann"), { epoch });
  await logins.end("usr_ann", "lgn_1", "logged_out", 5);
  expect(await events.lastSequence()).toBe(1);
  await events.forgetBefore(6);
  expect(await events.after(0)).toEqual([]);
  await logins.create(makeLogin("lgn_2", "usr_ann"), { epoch });
  await logins.end("usr_ann", "lgn_2", "logged_out", 7);
  expect(await events.after(1)).toMatchObject([{ sequence: 2, subject: "lgn_2" }]);
});
