import { afterEach, beforeEach, expect, test } from "vitest";
import { addUsers, openTestStore } from "../test-support/open-test-store.ts";
import type { Store } from "./open-store.ts";
import { makePasskeys, type Passkeys } from "./passkeys.ts";
import { makeRecoveryCodes, type RecoveryCodes } from "./recovery-codes.ts";
import { holdsSealed } from "./sealed-columns.ts";
import { makeTotpSecrets, type TotpSecrets } from "./totp-secrets.ts";

let store: Store;
let close: () => Promise<void>;
let totp: TotpSecrets;
let codes: RecoveryCodes;
let passkeys: Passkeys;

beforeEach(async () => {
  ({ store, close } = await openTestStore());
  await addUsers(store, ["ann", "bob"]);
  totp = makeTotpSecrets(store);
  codes = makeRecoveryCodes(store);
  passkeys = makePasskeys(store);
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
const count = (results: readonly unknown[], value: unknown) =>
  results.filter((result) => result === value).length;

test("a step is accepted once and only forward, whoever else tries at the same time", async () => {
  expect(await holdsSealed(store)).toBe(false);
  expect(await totp.add(totpOf("ann"), [])).toBe("added");
  expect(await holdsSealed(store)).toBe(true);
  const tries = await Promise.all(Array.from({ length: 8 }, () => totp.accept("ann", 11)));
  expect(count(tries, true)).toBe(1);
  for (const step of [9, 10, 11]) expect(await totp.accept("ann", step)).toBe(false);
  expect(await totp.accept("ann", 12)).toBe(true);
  expect(await totp.accept("bob", 12)).toBe(false);
  expect(await totp.find("ann")).toMatchObject({ last_step: 12 });
});

test("a second secret does not replace the first, nor its recovery codes", async () => {
  await totp.add(totpOf("ann"), ["h1"]);
  expect(await totp.add({ ...totpOf("ann"), last_step: 0 }, ["h2"])).toBe("already_exists");
  expect(await totp.find("ann")).toMatchObject({ last_step: 10 });
  expect(await codes.use("ann", "h2")).toBe(false);
  expect(await codes.use("ann", "h1")).toBe(true);
});

test("a recovery code is used once, by its own user, whoever else tries at the same time", async () => {
  await totp.add(totpOf("ann"), ["h1", "h2"]);
  expect(await codes.use("bob", "h1")).toBe(false);
  const tries = await Promise.all(Array.from({ length: 8 }, () => codes.use("ann", "h1")));
  expect(count(tries, true)).toBe(1);
  expect(await codes.count("ann")).toBe(1);
  expect(await codes.replace("ann", ["h3", "h4", "h5"])).toBe(true);
  expect([await codes.use("ann", "h2"), await codes.count("ann")]).toEqual([false, 3]);
});

test("recovery codes stay as long as there is a factor that they stand in for", async () => {
  expect(await codes.replace("ann", ["h0"])).toBe(false);
  await totp.add(totpOf("ann"), ["h1"]);
  await passkeys.add(passkeyOf("ann", "c1"));
  expect(await totp.remove("ann")).toBe(true);
  expect(await codes.count("ann")).toBe(1);
  expect(await passkeys.remove("ann", "c1")).toBe(true);
  expect(await codes.count("ann")).toBe(0);
  expect(await totp.remove("ann")).toBe(false);
});

test("a credential belongs to one account, and only that account removes it", async () => {
  expect(await passkeys.add(passkeyOf("ann", "c1"))).toBe("added");
  expect(await passkeys.add(passkeyOf("bob", "c1"))).toBe("already_exists");
  expect(await passkeys.remove("bob", "c1")).toBe(false);
  expect(await passkeys.find("c1")).toMatchObject({ user_id: "ann" });
  expect(await passkeys.list("bob")).toEqual([]);
  expect(await passkeys.remove("ann", "c1")).toBe(true);
  expect(await passkeys.find("c1")).toBeUndefined();
});

test("twenty passkeys for each account", async () => {
  for (let index = 0; index < 20; index += 1) {
    expect(await passkeys.add(passkeyOf("ann", `c${index}`))).toBe("added");
  }
  expect(await passkeys.add(passkeyOf("ann", "c20"))).toBe("limit_reached");
  expect(await passkeys.add(passkeyOf("bob", "d0"))).toBe("added");
});

test("a use counts on from what was read, whoever else tries at the same time", async () => {
  await passkeys.add(passkeyOf("ann", "c1"));
  const row = passkeyOf("ann", "c1");
  const tries = await Promise.all(
    [1, 1, 2].map((counter) => passkeys.storeUse(row, { counter, atMs: 9 })),
  );
  expect(count(tries, true)).toBe(1);
  expect(await passkeys.find("c1")).toMatchObject({ counter: 1, last_used_at_ms: 9 });
  expect(await passkeys.storeUse(passkeyOf("ann", "c2"), { counter: 1, atMs: 9 })).toBe(false);
});

test("everything goes with the account", async () => {
  await totp.add(totpOf("ann"), ["h1"]);
  await totp.add(totpOf("bob"), ["h2"]);
  await passkeys.add(passkeyOf("ann", "c1"));
  await store.deleteFrom("users").where("user_id", "=", "ann").execute();
  expect(await totp.find("ann")).toBeUndefined();
  expect([await codes.count("ann"), await codes.count("bob")]).toEqual([0, 1]);
  expect(await passkeys.find("c1")).toBeUndefined();
});
