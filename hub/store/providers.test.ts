import { afterEach, beforeEach, expect, test } from "vitest";
import { makeUser, makeLogin } from "../test-support/make-user.ts";
import { openTestStore } from "../test-support/open-test-store.ts";
import { makeIdentities } from "./identities.ts";
import type { Store } from "./open-store.ts";
import { makePasskeys } from "./passkeys.ts";
import { makePendingSignUps } from "./pending-sign-ups.ts";
import { makeProviders } from "./providers.ts";
import type { IdentityRow, ProviderRow } from "./schema.ts";

let store: Store;
let close: () => Promise<void>;
beforeEach(async () => ({ store, close } = await openTestStore()));
afterEach(() => close());

const provider = (id: string): ProviderRow => ({
  ...{ provider_id: id, type: "oidc", name: id, issuer: "https://i.example", client_id: "c" },
  ...{ client_secret: new Uint8Array(8), scopes: "openid", form_post: 0, trust_email: 0 },
  ...{ enabled: 1, admin_claim: "", admin_value: "", created_at_ms: 1 },
});

const identity = (id: string, userId: string, providerId = "p"): IdentityRow => ({
  ...{ identity_id: id, provider_id: providerId, subject: id, user_id: userId },
  ...{ email: "", gave_admin: 0, linked_at_ms: 1 },
});

const limits = { maxUsers: 10, maxIdentitiesPerUser: 2 };

/** Of whom there is nothing but an account and a login. */
async function addUser(name: string, passwordHash: string | null): Promise<string> {
  const user = makeUser(name, { password_hash: passwordHash });
  await store.insertInto("users").values(user).execute();
  await store
    .insertInto("logins")
    .values(makeLogin(`lgn_${name}`, user.user_id, { expires_at_ms: 1_000 }))
    .execute();
  return user.user_id;
}
const standing = (name: string) => ({ loginId: `lgn_${name}`, epoch: 0, nowMs: 1 });

test("a hub has only so many providers", async () => {
  const providers = makeProviders(store, { maxProviders: 1 });
  expect(await providers.add(provider("p"))).toBe("added");
  expect(await providers.add(provider("q"))).toBe("limit_reached");
});

test("an account has only so many identities, each of them one account's", async () => {
  const identities = makeIdentities(store, limits);
  await makeProviders(store, { maxProviders: 9 }).add(provider("p"));
  const [ann, bob] = [await addUser("ann", "hash"), await addUser("bob", "hash")];
  expect(await identities.link(identity("one", ann), standing("ann"))).toBe("linked");
  expect(await identities.link(identity("one", ann), standing("ann"))).not.toBe("linked");
  const again = { ...identity("other", bob), subject: "one" };
  expect(await identities.link(again, standing("bob"))).toBe("taken");
  expect(await identities.link(identity("two", ann), standing("ann"))).toBe("linked");
  expect(await identities.link(identity("three", ann), standing("ann"))).toBe("limit_reached");
  const over = { ...standing("bob"), nowMs: 2_000 };
  expect(await identities.link(identity("four", bob), over)).toBe("credential_revoked");
});

test("the last way in stays: another provider counts while it is switched on", async () => {
  const providers = makeProviders(store, { maxProviders: 9 });
  const identities = makeIdentities(store, limits);
  await providers.add(provider("p"));
  await providers.add(provider("q"));
  const ann = await addUser("ann", null);
  await identities.link(identity("one", ann), standing("ann"));
  await identities.link(identity("two", ann, "q"), standing("ann"));
  await providers.setEnabled("q", false);
  expect(await identities.unlink(ann, "one", standing("ann"))).toBe("sole_way_in");
  expect(await providers.remove("p", { force: false })).toMatchObject({ lockedOut: 1 });
  // The refused removal switched nothing off.
  expect(await providers.listEnabled()).toMatchObject([{ provider_id: "p" }]);
  await providers.setEnabled("q", true);
  expect(await identities.unlink(ann, "one", standing("ann"))).toBe("unlinked");
  const passkeys = makePasskeys(store, { maxPasskeys: 9 });
  const passkey = {
    ...{ credential_id: "key", user_id: ann, name: "key", public_key: new Uint8Array(1) },
    ...{ counter: 0, transports: "", created_at_ms: 1, last_used_at_ms: 0 },
  };
  await passkeys.add(passkey, standing("ann"));
  await providers.setEnabled("q", false);
  expect(await passkeys.remove(ann, "key")).toBe("sole_way_in");
  await providers.setEnabled("q", true);
  expect(await passkeys.remove(ann, "key")).toBe("removed");
  expect(await identities.unlink(ann, "two", standing("ann"))).toBe("sole_way_in");
  expect(await providers.remove("p", { force: false })).toMatchObject({ ok: true, unlinked: 0 });
});

test("a sign-up whose identity was taken meanwhile leaves no account behind", async () => {
  await makeProviders(store, { maxProviders: 9 }).add(provider("p"));
  const identities = makeIdentities(store, limits);
  const ann = await addUser("ann", "hash");
  await identities.link(identity("one", ann), standing("ann"));
  const bob = makeUser("bob", { password_hash: null });
  const row = { ...identity("two", bob.user_id), subject: "one" };
  expect(await identities.signUp(bob, row)).toBe("taken");
  expect(await store.selectFrom("users").select("username").execute()).toEqual([
    { username: "ann" },
  ]);
});

test("pending sign-ups end with their time, one for each browser, and the oldest make room", async () => {
  const pending = makePendingSignUps(store, { maxPendingSignUps: 2 });
  const row = (id: string, untilMs: number) => ({
    ...{ sign_up_id: id, payload: new Uint8Array(1), expires_at_ms: untilMs },
  });
  await pending.put(row("a", 10), 0);
  await pending.put(row("b", 20), 0);
  await pending.put(row("b", 21), 0);
  expect(await pending.find("a", 9)).toBeDefined();
  expect(await pending.find("a", 10)).toBeUndefined();
  await pending.put(row("c", 30), 0);
  expect(await pending.find("a", 0)).toBeUndefined();
  expect(await pending.find("b", 0)).toBeDefined();
  await pending.put(row("d", 40), 25);
  const left = await store.selectFrom("pending_sign_ups").select("sign_up_id").execute();
  expect(left.map((each) => each.sign_up_id).sort()).toEqual(["c", "d"]);
});
