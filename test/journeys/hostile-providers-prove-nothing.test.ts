/** A provider that lies, stalls or floods, and browsers that bring back what is not theirs. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { refusalOf } from "@leapmux/hub/test-support/refusal-of.ts";
import { expect, test } from "vitest";
import { cleanupAfterFile, cleanupAfterTest, type Cleanup } from "../harness/cleanup.ts";
import { type HostileProvider, startHostileProvider } from "../harness/hostile-provider.ts";
import { addProvider, makePerson, openUrlOf } from "../harness/sign-in-person.ts";
import { type HubOptions, startHub } from "../harness/start-hub.ts";

const sharedCleanup = cleanupAfterFile();
const signUp = { kind: "hub", isSignUpEnabled: true, allowLoopbackProviders: true } as const;

async function start(cleanup: Cleanup, limits: HubOptions["limits"] = {}) {
  const idp = await startHostileProvider(cleanup);
  const hub = await startHub(cleanup, { ...signUp, limits });
  return { idp, hub, providerId: await addProvider(hub, idp) };
}

const shared = await start(sharedCleanup, { signInsPerMinute: 10_000 });

/** What the hub says of a sign-in at a provider that was changed so. */
async function outcomeOf(change: (idp: HostileProvider) => void): Promise<string> {
  const { idp, hub, providerId } = shared;
  Object.assign(idp, { claims: {}, header: {}, hasWrongKey: false, answer: {} });
  idp.instead.clear();
  change(idp);
  const person = makePerson(hub);
  expect(await person.signIn(providerId)).toBe("/sign-in");
  expect(await person.userId()).toBe("");
  return person.outcome();
}

const seconds = (): number => Math.floor(Date.now() / 1000);

test("unchanged it is believed", async () => {
  expect(await outcomeOf(() => undefined)).toBe("signUp");
});

test.each<readonly [string, (idp: HostileProvider) => void]>([
  ["another nonce", (idp) => (idp.claims = { nonce: "another" })],
  ["no nonce", (idp) => (idp.claims = { nonce: undefined })],
  ["another issuer in the token", (idp) => (idp.claims = { iss: "https://accounts.google.com" })],
  ["another audience", (idp) => (idp.claims = { aud: "somebody-else" })],
  [
    "an audience among others, for another party",
    (idp) => (idp.claims = { aud: ["leapmux", "b"], azp: "b" }),
  ],
  ["a token that is over", (idp) => (idp.claims = { exp: seconds() - 600 })],
  ["a token of the future", (idp) => (idp.claims = { nbf: seconds() + 600 })],
  ["no algorithm", (idp) => (idp.header = { alg: "none" })],
  ["a secret algorithm", (idp) => (idp.header = { alg: "HS256" })],
  ["a key that it did not publish", (idp) => (idp.hasWrongKey = true)],
  ["no subject", (idp) => (idp.claims = { sub: undefined })],
  ["an empty subject", (idp) => (idp.claims = { sub: "" })],
  ["a subject that is no text", (idp) => (idp.claims = { sub: 1 })],
  ["a subject with a zero in it", (idp) => (idp.claims = { sub: "ann\0" })],
  ["a subject that is half a character", (idp) => (idp.claims = { sub: "\ud800" })],
  ["a subject without end", (idp) => (idp.claims = { sub: "a".repeat(256) })],
  ["another issuer in the answer", (idp) => (idp.answer = { iss: "https://elsewhere.example" })],
  ["no issuer in the answer", (idp) => (idp.answer = { iss: null })],
  ["a token in place of a code", (idp) => (idp.answer = { code: null, id_token: "x.y.z" })],
])("%s is refused", async (_what, change) => {
  expect(await outcomeOf(change)).toBe("answer_refused");
});

test.each<readonly [string, (idp: HostileProvider) => void]>([
  ["another state", (idp) => (idp.answer = { state: "another" })],
  ["no state", (idp) => (idp.answer = { state: null })],
])("%s is nobody's sign-in", async (_what, change) => {
  expect(await outcomeOf(change)).toBe("stale");
});

const endless = (_: IncomingMessage, response: ServerResponse): void => {
  response.setHeader("content-type", "application/json");
  const chunk = Buffer.alloc(64 * 1024, " ");
  const write = (): void => {
    while (!response.destroyed && response.write(chunk));
    response.once("drain", write);
  };
  write();
};

test.each<readonly [string, (idp: HostileProvider) => void]>([
  ["an answer without end", (idp) => idp.instead.set("/token", endless)],
  [
    "claims that are too long to listen to",
    (idp) => (idp.claims = { padding: "a".repeat(400_000) }),
  ],
  [
    "a redirect to elsewhere",
    (idp) =>
      idp.instead.set("/token", (_, response) =>
        response.writeHead(307, { location: `${idp.issuer}/keys` }).end(),
      ),
  ],
  ["a broken line", (idp) => idp.instead.set("/token", (request) => request.socket.destroy())],
])("%s is not listened to", async (_what, change) => {
  expect(await outcomeOf(change)).toBe("unreachable");
});

test("what it says about itself is not shown, whatever it is", async () => {
  const said = await outcomeOf(
    (idp) => (idp.answer = { code: null, error: "<script>", error_description: "call 555-0100" }),
  );
  expect(said).toBe("provider_error");
  expect(shared.hub.log.join("\n")).not.toMatch(/script|555/);
});

test("names and addresses that do not fit are left away, and odd subjects stay as they are", async () => {
  const { idp, hub, providerId } = shared;
  const sub = "  Ünï|code'; drop table users; -- ‮ 😀 ";
  await outcomeOf((own) => {
    own.claims = {
      ...{ sub, name: "a".repeat(4_000), preferred_username: "../../etc" },
      ...{ email: "not an address", email_verified: true },
    };
  });
  const eve = makePerson(hub);
  await eve.signIn(providerId);
  expect((await eve.readSignIn()).outcome).toMatchObject({
    case: "signUp",
    value: { displayName: "", email: "", username: "etc" },
  });
  await eve.finishSignUp("eve");
  const again = makePerson(hub);
  expect(await again.signIn(providerId)).toBe("/");
  // Nearly the same is somebody else.
  for (const other of [sub.trim(), sub.toLowerCase(), sub.normalize("NFD")]) {
    idp.claims = { sub: other };
    const stranger = makePerson(hub);
    expect(await stranger.signIn(providerId)).toBe("/sign-in");
  }
});

test("an answer counts once, and only in the browser that asked", async () => {
  const { idp, hub, providerId } = shared;
  await outcomeOf(() => undefined);
  const host = new URL(openUrlOf(hub)).host;
  const isCallback = (at: URL) => at.host === host && at.pathname.endsWith("/callback");
  const ann = makePerson(hub);
  const { url } = await ann.browser.follow(ann.loginAddress(providerId), isCallback);

  // Somebody else is made to open it: to be logged in as another, or to hand over what is theirs.
  const before = idp.codes.length;
  const victim = makePerson(hub);
  await victim.browser.send(url.href);
  expect(await victim.outcome()).toBe("nothing");
  await victim.browser.send(victim.loginAddress(providerId));
  await victim.browser.send(url.href);
  expect(await victim.outcome()).toBe("stale");
  expect(idp.codes).toHaveLength(before);

  await ann.browser.send(url.href);
  expect(await ann.outcome()).toBe("signUp");
  await ann.browser.send(url.href);
  expect(await ann.outcome()).toBe("stale");
  expect(idp.codes).toHaveLength(before + 1);
});

test("an answer of one provider is not taken to another", async () => {
  const cleanup = cleanupAfterTest();
  const { hub, providerId, idp } = shared;
  await outcomeOf(() => undefined);
  const other = await startHostileProvider(cleanup);
  const otherId = await addProvider(hub, other, { name: "Other" });
  const host = new URL(openUrlOf(hub)).host;
  const isCallback = (at: URL) => at.host === host && at.pathname.endsWith("/callback");
  const ann = makePerson(hub);
  const { url } = await ann.browser.follow(ann.loginAddress(providerId), isCallback);
  const before = [idp.codes.length, other.codes.length];
  await ann.browser.send(url.href.replace(providerId, otherId));
  expect(await ann.outcome()).toBe("stale");
  // The code went to nobody, and is worth nothing any more.
  await ann.browser.send(url.href);
  expect(await ann.outcome()).toBe("stale");
  expect([idp.codes.length, other.codes.length]).toEqual(before);
});

test("pages of other sites begin no sign-in, and what they post leads nowhere", async () => {
  const { hub, providerId } = shared;
  const url = openUrlOf(hub);
  const begin = await fetch(`${url}/auth/oauth/${providerId}/login`, {
    redirect: "manual",
    headers: { "sec-fetch-site": "cross-site" },
  });
  expect(begin.status).toBe(403);
  const posted = await fetch(`${url}/auth/oauth/${providerId}/callback`, {
    method: "POST",
    redirect: "manual",
    headers: { origin: "https://elsewhere.example", "sec-fetch-site": "cross-site" },
    body: new URLSearchParams({ state: "guessed", code: "theirs" }),
  });
  expect(posted.status).toBe(303);
  expect(posted.headers.get("location")).toBe(`/auth/oauth/${providerId}/callback`);
  const long = await fetch(`${url}/auth/oauth/${providerId}/callback`, {
    method: "POST",
    redirect: "manual",
    body: new URLSearchParams({ state: "a".repeat(70_000) }),
  });
  expect(long.status).toBe(413);
});

test.each(["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", "/a?b#c"])(
  "nobody is led on to %s",
  async (returnTo) => {
    const { hub, providerId } = shared;
    await outcomeOf(() => undefined);
    const ann = makePerson(hub);
    await ann.signIn(providerId, returnTo);
    expect((await ann.readSignIn()).returnTo).toBe("/");
  },
);

test("a slow answer is given up", async () => {
  const { idp, hub, providerId } = await start(cleanupAfterTest(), { providerTimeoutMs: 100 });
  idp.instead.set("/token", () => undefined);
  const ann = makePerson(hub);
  await ann.signIn(providerId);
  expect(await ann.outcome()).toBe("unreachable");
});

test("one network begins only so many sign-ins", async () => {
  const { hub, providerId } = await start(cleanupAfterTest(), { signInsPerMinute: 2 });
  const ann = makePerson(hub);
  for (const expected of ["signUp", "signUp", "throttled"]) {
    await ann.signIn(providerId);
    expect(await ann.outcome()).toBe(expected);
  }
});

test("what is no provider, or points to the own network, is not added or not asked", async () => {
  const cleanup = cleanupAfterTest();
  const { hub } = shared;
  const idp = await startHostileProvider(cleanup);
  idp.metadata["issuer"] = "https://elsewhere.example";
  expect(await refusalOf(addProvider(hub, idp))).toBe("provider_refused");
  delete idp.metadata["issuer"];
  idp.instead.set("/.well-known/openid-configuration", endless);
  expect(await refusalOf(addProvider(hub, idp))).toBe("provider_refused");
  idp.instead.clear();
  // Its document leads to a service of this machine that is none of its own.
  const inside = await startHostileProvider(cleanup);
  idp.metadata["token_endpoint"] = `${inside.issuer}/token`;
  const providerId = await addProvider(hub, idp, { name: "Inside" });
  const ann = makePerson(hub);
  await ann.signIn(providerId);
  expect(await ann.outcome()).toBe("unreachable");
  expect(inside.codes).toEqual([]);
});

test("http is refused where nobody switched it on", async () => {
  const cleanup = cleanupAfterTest();
  const idp = await startHostileProvider(cleanup);
  const hub = await startHub(cleanup, { kind: "hub" });
  expect(await refusalOf(addProvider(hub, idp))).toBe("invalid_request");
});
