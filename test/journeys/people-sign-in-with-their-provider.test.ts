/** Sign up, log in, link and unlink, at a real OpenID provider. */
import { createClient } from "@connectrpc/connect";
import { refusalOf } from "@leapmux/hub/test-support/refusal-of.ts";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { expect, test } from "vitest";
import { cleanupAfterTest, type Cleanup } from "../harness/cleanup.ts";
import { addProvider, makePerson, openUrlOf, providersOf } from "../harness/sign-in-person.ts";
import { type HubOptions, startHub } from "../harness/start-hub.ts";
import { totpCode } from "../harness/totp-code.ts";
import { startIdentityProvider } from "../harness/start-identity-provider.ts";

const admin = { username: "ann", password: "correct horse battery" };

async function start(cleanup: Cleanup, options: HubOptions = {}) {
  const idp = await startIdentityProvider(cleanup);
  const hub = await startHub(cleanup, {
    ...{ kind: "hub", isSignUpEnabled: true, allowLoopbackProviders: true },
    ...options,
  });
  return { idp, hub, providerId: await addProvider(hub, idp) };
}

type Started = Awaited<ReturnType<typeof start>>;

/** Somebody who has an account by a provider alone. */
async function signUp({ idp, hub, providerId }: Started, username: string) {
  idp.person = { sub: `${username}-there` };
  const person = makePerson(hub);
  expect(await person.signIn(providerId)).toBe("/sign-in");
  await person.finishSignUp(username);
  return person;
}

test("somebody unknown signs up with a user name, and is logged in from then on", async () => {
  const { idp, hub, providerId } = await start(cleanupAfterTest());
  idp.person = {
    ...{ sub: "bob|1", email: "bob@example.com", email_verified: true },
    ...{ name: "Bob B.", preferred_username: "Bob.B" },
  };
  const bob = makePerson(hub);
  expect((await bob.system()).signInProviders).toMatchObject([{ providerId, name: "Company" }]);
  expect(await bob.signIn(providerId, "/w/abc")).toBe("/sign-in");
  expect(await bob.readSignIn()).toMatchObject({
    outcome: {
      case: "signUp",
      value: { username: "bob-b", displayName: "Bob B.", email: "bob@example.com" },
    },
    providerName: "Company",
    returnTo: "/w/abc",
  });
  const { result } = await bob.finishSignUp("bob", "Bob");
  expect(result).toMatchObject({ case: "account", value: { username: "bob", hasPassword: false } });
  const userId = await bob.userId();
  expect(userId).not.toBe("");
  // Used up: nobody makes a second account of it.
  expect(await refusalOf(bob.finishSignUp("bob2"))).toBe("token_refused");

  const again = makePerson(hub);
  expect(await again.signIn(providerId, "/w/abc")).toBe("/w/abc");
  expect(await again.userId()).toBe(userId);
  // The same rows as every other login, ended in the same way.
  const { logins } = await again.account.listLogins({}, again.options());
  expect(logins).toHaveLength(2);
  await again.account.endOtherLogins({}, again.options());
  expect(await bob.userId()).toBe("");
});

test("the name of an account at the provider is not taken for one here", async () => {
  const started = await start(cleanupAfterTest());
  const { idp, hub, providerId } = started;
  // Everything about it looks like the admin of this hub.
  idp.person = {
    ...{ sub: "ann", email: "ann@example.com", email_verified: true },
    ...{ name: "ann", preferred_username: "ann" },
  };
  const stranger = makePerson(hub);
  expect(await stranger.signIn(providerId)).toBe("/sign-in");
  expect(await refusalOf(stranger.finishSignUp("ann"))).toBe("username_taken");
  expect(await stranger.userId()).toBe("");
  // What waits is still there for another name.
  await stranger.finishSignUp("anne");
  expect(await stranger.userId()).not.toBe(hub.admin?.userId);
});

test("where sign-up is off nobody unknown gets in, also when it was on at the beginning", async () => {
  const cleanup = cleanupAfterTest();
  const { hub, providerId } = await start(cleanup, { isSignUpEnabled: false });
  const stranger = makePerson(hub);
  expect(await stranger.signIn(providerId)).toBe("/sign-in");
  expect(await stranger.outcome()).toBe("sign_up_disabled");
  expect(await refusalOf(stranger.finishSignUp("bob"))).toBe("token_refused");
});

test("an account is linked after its password, entered by it, and unlinked", async () => {
  const { idp, hub, providerId } = await start(cleanupAfterTest(), { isSignUpEnabled: false });
  const ann = makePerson(hub);
  await ann.logIn(admin.username, admin.password);
  const link = (password: string) =>
    ann.account.startLinking({ providerId, password }, ann.options());
  expect(await refusalOf(link("something else"))).toBe("wrong_password");
  idp.person = { sub: "ann-there", email: "ann@example.com", email_verified: false };
  const { url } = await link(admin.password);
  expect(new URL(url).origin).toBe(idp.issuer);
  const { host } = new URL(openUrlOf(hub));
  const back = (at: URL) => at.host === host && !at.pathname.startsWith("/auth/");
  expect((await ann.browser.follow(url, back)).url.pathname).toBe("/sign-in");
  expect(await ann.outcome()).toBe("linked");

  const other = makePerson(hub);
  expect(await other.signIn(providerId)).toBe("/");
  expect(await other.userId()).toBe(hub.admin?.userId);

  const { identities } = await ann.account.listIdentities({}, ann.options());
  // Not verified, so it is not kept.
  expect(identities).toMatchObject([{ providerId, providerName: "Company", email: "" }]);
  const identityId = identities[0]?.identityId ?? "";
  const unlink = (password: string) =>
    ann.account.unlinkIdentity({ identityId, password }, ann.options());
  expect(await refusalOf(unlink("something else"))).toBe("wrong_password");
  await unlink(admin.password);
  const later = makePerson(hub);
  expect(await later.signIn(providerId)).toBe("/sign-in");
  expect(await later.outcome()).toBe("sign_up_disabled");
});

test("the only way in is not unlinked, and an identity is one account's alone", async () => {
  const started = await start(cleanupAfterTest());
  const { hub, idp, providerId } = started;
  const bob = await signUp(started, "bob");
  const { identities } = await bob.account.listIdentities({}, bob.options());
  const identityId = identities[0]?.identityId ?? "";
  const unlink = (password: string) =>
    bob.account.unlinkIdentity({ identityId, password }, bob.options());
  expect(await refusalOf(unlink(""))).toBe("sole_way_in");

  // The admin tries to take it for herself.
  const ann = makePerson(hub);
  await ann.logIn(admin.username, admin.password);
  const { url } = await ann.account.startLinking(
    { providerId, password: admin.password },
    ann.options(),
  );
  await ann.browser.follow(url, (at) => at.pathname === "/sign-in");
  expect(await ann.outcome()).toBe("taken");

  const password = "a password of his own";
  await bob.account.changePassword({ oldPassword: "", newPassword: password }, bob.options());
  await unlink(password);
  expect(idp.person?.sub).toBe("bob-there");
  expect(await makePerson(hub).signIn(providerId)).toBe("/sign-in");
});

test("a provider that is disabled has no button, no way out and no way back", async () => {
  const started = await start(cleanupAfterTest());
  const { hub, providerId, idp } = started;
  const bob = await signUp(started, "bob");
  const late = makePerson(hub);
  const out = await late.browser.send(late.loginAddress(providerId));
  const atProvider = out.headers.get("location") ?? "";
  await providersOf(hub).disableProvider({ providerId });
  expect((await late.system()).signInProviders).toEqual([]);
  expect(
    (await late.browser.follow(atProvider, (at) => at.pathname === "/sign-in")).url.search,
  ).toBe("");
  expect(await late.outcome()).toBe("provider_disabled");
  expect(await late.signIn(providerId)).toBe("/sign-in");
  expect(await late.outcome()).toBe("provider_disabled");
  // Logins that were made stay.
  expect(await bob.userId()).not.toBe("");
  await providersOf(hub).enableProvider({ providerId });
  expect(idp.person?.sub).toBe("bob-there");
  expect(await late.signIn(providerId)).toBe("/");
});

test("a provider is not removed from under people without another way in, unless forced", async () => {
  const started = await start(cleanupAfterTest());
  const { hub, providerId } = started;
  const bob = await signUp(started, "bob");
  const providers = providersOf(hub);
  const remove = (force: boolean) => providers.removeProvider({ providerId, force });
  expect(await refusalOf(remove(false))).toBe("sole_way_in");
  await expect(remove(false)).rejects.toThrow("1 account has no other way in");
  expect((await providers.listProviders({})).providers).toMatchObject([
    { providerId, enabled: true, identities: 1, soleWays: 1, clientId: "leapmux" },
  ]);
  expect(await remove(true)).toMatchObject({ unlinked: 1, lockedOut: 1 });
  expect(await refusalOf(remove(true))).toBe("not_found");
  // Logged in as before, and nothing is linked any more.
  expect((await bob.account.listIdentities({}, bob.options())).identities).toEqual([]);
});

test("a second factor is asked for behind a provider as behind a password", async () => {
  const started = await start(cleanupAfterTest());
  const { hub, providerId } = started;
  const bob = await signUp(started, "bob");
  const { secret } = await bob.account.startTotp({ password: "" }, bob.options());
  const { recoveryCodes } = await bob.account.finishTotp(
    { code: totpCode(secret, Date.now()) },
    bob.options(),
  );

  const again = makePerson(hub);
  expect(await again.signIn(providerId)).toBe("/sign-in");
  expect(await again.userId()).toBe("");
  const { outcome } = await again.readSignIn();
  if (outcome.case !== "secondFactor") throw new Error("no second factor was asked for");
  const { challenge } = outcome.value;
  const proof = { case: "recoveryCode", value: recoveryCodes[0] ?? "" } as const;
  await again.logins.finishLogIn({ challenge, proof }, again.options());
  expect(await again.userId()).toBe(await bob.userId());
});

test("a claim makes an admin, and takes back what it gave but not what was given here", async () => {
  const cleanup = cleanupAfterTest();
  const idp = await startIdentityProvider(cleanup);
  const hub = await startHub(cleanup, {
    ...{ kind: "hub", isSignUpEnabled: true, allowLoopbackProviders: true },
  });
  const providerId = await addProvider(hub, idp, {
    ...{ scopes: "openid groups", adminClaim: "groups", adminValue: "hub-admins" },
  });
  const bob = makePerson(hub);
  idp.person = { sub: "bob", groups: ["everybody", "hub-admins"] };
  await bob.signIn(providerId);
  await bob.finishSignUp("bob");
  const roleOf = async () => (await bob.system()).account?.role;
  expect(await roleOf()).toBe(Role.ADMIN);
  idp.person = { sub: "bob", groups: ["everybody"] };
  expect(await bob.signIn(providerId)).toBe("/");
  expect(await roleOf()).toBe(Role.USER);

  if (hub.admin === undefined) throw new Error("no admin");
  const admins = createClient(AdminService, hub.admin.transport);
  await admins.setRole({ userId: await bob.userId(), role: Role.ADMIN });
  expect(await bob.signIn(providerId)).toBe("/");
  expect(await roleOf()).toBe(Role.ADMIN);
});

test("a password reset ends what was linked, so that nobody is left inside", async () => {
  const started = await start(cleanupAfterTest());
  const { hub, providerId } = started;
  const bob = await signUp(started, "bob");
  const userId = await bob.userId();
  if (hub.admin === undefined) throw new Error("no admin");
  await createClient(AdminService, hub.admin.transport).resetPassword({ userId });
  expect(await bob.userId()).toBe("");
  const again = makePerson(hub);
  expect(await again.signIn(providerId)).toBe("/sign-in");
  expect(await again.outcome()).toBe("signUp");
});

test("neither secret nor token nor subject is in the log or in an address of the hub", async () => {
  const started = await start(cleanupAfterTest());
  const { hub, idp, providerId } = started;
  const bob = await signUp(started, "bob");
  await bob.signIn(providerId);
  idp.person = null;
  const nobody = makePerson(hub);
  await nobody.signIn(providerId);
  expect(await nobody.outcome()).toBe("declined");
  const log = hub.log.join("\n");
  expect(log).toContain('"code":"declined"');
  for (const secret of [idp.clientSecret, "bob-there", "lms_", "<b>", "code="]) {
    expect(log).not.toContain(secret);
  }
  const { providers } = await providersOf(hub).listProviders({});
  expect(JSON.stringify(providers, (_, each: unknown) => String(each))).not.toContain(
    idp.clientSecret,
  );
});
