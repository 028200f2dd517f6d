import { afterEach, beforeEach, expect, test } from "vitest";
import { makeLogin } from "../test-support/make-user.ts";
import { addUsers, openTestStore } from "../test-support/open-test-store.ts";
import type { Store } from "./open-store.ts";
import { makeHubLimits } from "../config/hub-limits.ts";
import { makeLogins } from "./logins.ts";
import { makeUsers } from "./users.ts";
import { makePasskeys, type Passkeys } from "./passkeys.ts";
import { makeRecoveryCodes, type RecoveryCodes } from "./recovery-codes.ts";
import { holdsSealed } from "./sealed-columns.ts";
import { makeTotpSecrets, type TotpSecrets } from "./totp-secrets.ts";

const limits = makeHubLimits();
let store: Store;
let close: () => Promise<void>;
let totp: TotpSecrets;
let codes: RecoveryCodes;
let passkeys: Passkeys;

beforeEach(async () => {
  ({ store, close } = await openTestStore());
  await addUsers(store, ["ann", "bob"]);
  const logins = ["ann", "bob"].map((userId) => makeLogin(`lgn_${userId}`, userId));
  await store.insertInto("logins").values(logins).execute();
  totp = makeTotpSecrets(store);
  codes = makeRecoveryCodes(store);
  passkeys = makePasskeys(store, { ...limits, maxPasskeys: 3 });
});
afterEach(() => close());

const totpOf = (userId: string) => ({
  user_id: userId,
  secret: new Uint8Array([1, 2, 3]),
  last_step: 10,
  created_at_ms: 5,
});
const passkeyOf = (userId: string, credentialId: string) => ({
  credential_id: credentialId,
  user_id: userId,
  name: "key",
  public_key: new Uint8Array([4, 5]),
  counter: 0,
  transports: "usb,nfc",
  created_at_ms: 5,
  last_used_at_ms: 0,
});
const standing = (userId: string) => ({ loginId: `lgn_${userId}`, epoch: 0, nowMs: 5 });
const count = (results: readonly unknown[], value: unknown) =>
  results.filter((result) => result === value).length;

test("a step is accepted once and only forward, whoever else tries at the same time", async () => {
  expect(await holdsSealed(store)).toBe(false);
  expect(await totp.add(totpOf("ann"), [], standing("ann"))).toBe("added");
  expect(await holdsSealed(store)).toBe(true);
  const tries = await Promise.all(Array.from({ length: 8 }, () => totp.accept("ann", 11)));
  expect(count(tries, true)).toBe(1);
  for (const step of [9, 10, 11]) expect(await totp.accept("ann", step)).toBe(false);
  expect(await totp.accept("ann", 12)).toBe(true);
  expect(await totp.accept("bob", 12)).toBe(false);
  expect(await totp.find("ann")).toMatchObject({ last_step: 12 });
});

test("a second secret does not replace the first, nor its recovery codes", async () => {
  await totp.add(totpOf("ann"), ["h1"], standing("ann"));
  expect(await totp.add({ ...totpOf("ann"), last_step: 0 }, ["h2"], standing("ann"))).toBe(
    "already_exists",
  );
  expect(await totp.find("ann")).toMatchObject({ last_step: 10 });
  expect(await codes.use("ann", "h2")).toBe(false);
  expect(await codes.use("ann", "h1")).toBe(true);
});

test("a recovery code is used once, by its own user, whoever else tries at the same time", async () => {
  await totp.add(totpOf("ann"), ["h1", "h2"], standing("ann"));
  expect(await codes.use("bob", "h1")).toBe(false);
  const tries = await Promise.all(Array.from({ length: 8 }, () => codes.use("ann", "h1")));
  expect(count(tries, true)).toBe(1);
  expect(await codes.count("ann")).toBe(1);
  expect(await codes.replace("ann", ["h3", "h4", "h5"])).toBe(true);
  expect([await codes.use("ann", "h2"), await codes.count("ann")]).toEqual([false, 3]);
});

test("recovery codes stay as long as there is a factor that they stand in for", async () => {
  expect(await codes.replace("ann", ["h0"])).toBe(false);
  await totp.add(totpOf("ann"), ["h1"], standing("ann"));
  await passkeys.add(passkeyOf("ann", "c1"), standing("ann"));
  expect(await totp.remove("ann")).toBe(true);
  expect(await codes.count("ann")).toBe(1);
  expect(await passkeys.remove("ann", "c1")).toBe("removed");
  expect(await codes.count("ann")).toBe(0);
  expect(await totp.remove("ann")).toBe(false);
});

test("a credential belongs to one account, and only that account removes it", async () => {
  expect(await passkeys.add(passkeyOf("ann", "c1"), standing("ann"))).toBe("added");
  expect(await passkeys.add(passkeyOf("bob", "c1"), standing("bob"))).toBe("already_exists");
  expect(await passkeys.remove("bob", "c1")).toBe("not_found");
  expect(await passkeys.find("c1")).toMatchObject({ user_id: "ann" });
  expect(await passkeys.list("bob")).toEqual([]);
  expect(await passkeys.remove("ann", "c1")).toBe("removed");
  expect(await passkeys.find("c1")).toBeUndefined();
});

test("so many passkeys for each account", async () => {
  for (let index = 0; index < 3; index += 1) {
    expect(await passkeys.add(passkeyOf("ann", `c${index}`), standing("ann"))).toBe("added");
  }
  expect(await passkeys.add(passkeyOf("ann", "c3"), standing("ann"))).toBe("limit_reached");
  expect(await passkeys.add(passkeyOf("bob", "d0"), standing("bob"))).toBe("added");
});

test("a use counts on from what was read, whoever else tries at the same time", async () => {
  await passkeys.add(passkeyOf("ann", "c1"), standing("ann"));
  const row = passkeyOf("ann", "c1");
  const tries = await Promise.all(
    [1, 1, 2].map((counter) => passkeys.storeUse(row, { counter, atMs: 9 })),
  );
  expect(count(tries, true)).toBe(1);
  expect(await passkeys.find("c1")).toMatchObject({ counter: 1, last_used_at_ms: 9 });
  expect(await passkeys.storeUse(passkeyOf("ann", "c2"), { counter: 1, atMs: 9 })).toBe(false);
});

test("everything goes with the account", async () => {
  await totp.add(totpOf("ann"), ["h1"], standing("ann"));
  await totp.add(totpOf("bob"), ["h2"], standing("bob"));
  await passkeys.add(passkeyOf("ann", "c1"), standing("ann"));
  await store.deleteFrom("users").where("user_id", "=", "ann").execute();
  expect(await totp.find("ann")).toBeUndefined();
  expect([await codes.count("ann"), await codes.count("bob")]).toEqual([0, 1]);
  expect(await passkeys.find("c1")).toBeUndefined();
});

test.each([
  ["the login has ended", () => makeLogins(store, limits).end("ann", "lgn_ann", "logged_out", 1)],
  ["the login is over", () => makeLogins(store, limits).touch("lgn_ann", 1, 5)],
  [
    "all other logins were ended",
    () => makeLogins(store, limits).endAll("ann", "lgn_ann", "ended_by_user", 1),
  ],
  [
    "the password was changed",
    () =>
      makeUsers(store, limits).changePassword({
        userId: "ann",
        epoch: 0,
        passwordHash: "new",
        loginId: "lgn_ann",
        atMs: 1,
      }),
  ],
])("no factor comes to an account when meanwhile %s", async (_what, happens) => {
  await happens();
  expect(await totp.add(totpOf("ann"), ["h1"], standing("ann"))).toBe("credential_revoked");
  expect(await passkeys.add(passkeyOf("ann", "c1"), standing("ann"))).toBe("credential_revoked");
  expect([await totp.find("ann"), await passkeys.list("ann"), await codes.count("ann")]).toEqual([
    undefined,
    [],
    0,
  ]);
});

test("a factor comes by a login of its own account alone", async () => {
  const { loginId } = standing("bob");
  for (const other of [loginId, null, "lgn_nobody"]) {
    const added = totp.add(totpOf("ann"), [], { ...standing("ann"), loginId: other });
    expect(await added).toBe("credential_revoked");
  }
});
