/** The two that are different: an answer that is posted from the provider's page, and OAuth 2 without an ID token. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { refusalOf } from "@leapmux/hub/test-support/refusal-of.ts";
import { openStore } from "@leapmux/hub/store/open-store.ts";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cleanupAfterTest, type Cleanup } from "../harness/cleanup.ts";
import { startHostileProvider } from "../harness/hostile-provider.ts";
import { addProvider, makePerson, openUrlOf } from "../harness/sign-in-person.ts";
import { startHub } from "../harness/start-hub.ts";

const options = { kind: "hub", isSignUpEnabled: true, allowLoopbackProviders: true } as const;

test("an answer that another site's page posts counts in the browser that asked, and nowhere else", async () => {
  const cleanup = cleanupAfterTest();
  const idp = await startHostileProvider(cleanup);
  const hub = await startHub(cleanup, options);
  const providerId = await addProvider(hub, idp);
  // As the preset of Apple has it, whose issuer is not to be reached from here.
  const store = await openStore(join(hub.directory, "hub"));
  await store.updateTable("providers").set({ form_post: 1 }).execute();
  await store.destroy();

  const ann = makePerson(hub);
  const out = await ann.browser.send(ann.loginAddress(providerId));
  const asked = new URL(out.headers.get("location") ?? "");
  expect(asked.searchParams.get("response_mode")).toBe("form_post");
  const { host } = new URL(openUrlOf(hub));
  const { url: back } = await ann.browser.follow(asked.href, (at) => at.host === host);
  const callback = `${back.origin}${back.pathname}`;
  const post = async (form: URLSearchParams): Promise<string> => {
    // No cookie comes along from there (SameSite=Lax).
    const answer = await fetch(callback, {
      ...{ method: "POST", redirect: "manual", body: form },
      headers: { origin: idp.issuer, "sec-fetch-site": "cross-site" },
    });
    expect(answer.status).toBe(303);
    return answer.headers.get("location") ?? "";
  };
  const next = await post(back.searchParams);
  const state = back.searchParams.get("state") ?? "";
  expect(next).toBe(`${back.pathname}?state=${state}`);
  // Nobody replaces what was posted.
  await post(new URLSearchParams({ state, code: "another", iss: idp.issuer }));

  const eve = makePerson(hub);
  await eve.browser.send(`${openUrlOf(hub)}${next}`);
  expect(await eve.outcome()).toBe("nothing");
  await ann.browser.send(`${openUrlOf(hub)}${next}`);
  expect(await ann.outcome()).toBe("signUp");
  expect(idp.codes).toEqual([back.searchParams.get("code")]);
});

/** As much of GitHub as a sign-in meets. */
async function startGithub(cleanup: Cleanup) {
  const own = {
    user: { id: 583_231, login: "Octo-Cat", name: "Octo" } as Record<string, unknown>,
    emails: [
      { email: "other@example.com", primary: false, verified: true },
      { email: "octo@example.com", primary: true, verified: true },
    ] as unknown,
    asked: [] as string[],
  };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
    const send = (value: unknown): void => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(value));
    };
    own.asked.push(pathname);
    if (pathname === "/login/oauth/authorize") {
      const back = new URL(searchParams.get("redirect_uri") ?? "");
      back.searchParams.set("code", "one");
      back.searchParams.set("state", searchParams.get("state") ?? "");
      response.writeHead(302, { location: back.href }).end();
    } else if (pathname === "/login/oauth/access_token") {
      send({ access_token: "gho_token", token_type: "bearer", scope: "read:user,user:email" });
    } else if (request.headers.authorization !== "Bearer gho_token") {
      response.writeHead(401).end();
    } else {
      send(pathname === "/api/v3/user" ? own.user : own.emails);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanup.add(() => {
    server.closeAllConnections();
    server.close();
  });
  return { ...own, own, issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test("GitHub knows people by a number that stays, and by its verified address", async () => {
  const cleanup = cleanupAfterTest();
  const { own, issuer } = await startGithub(cleanup);
  const hub = await startHub(cleanup, options);
  const github = { issuer, clientId: "hub", clientSecret: "secret" };
  const claim = { preset: "github", adminClaim: "groups", adminValue: "admins" };
  expect(await refusalOf(addProvider(hub, github, claim))).toBe("invalid_request");
  const providerId = await addProvider(hub, github, { preset: "github", name: "" });
  const octo = makePerson(hub);
  expect(await octo.signIn(providerId)).toBe("/sign-in");
  expect(await octo.readSignIn()).toMatchObject({
    providerName: "GitHub",
    outcome: {
      case: "signUp",
      value: { username: "octo-cat", displayName: "Octo", email: "octo@example.com" },
    },
  });
  await octo.finishSignUp("octo");
  own.user = { id: 583_231, login: "renamed" };
  const again = makePerson(hub);
  expect(await again.signIn(providerId)).toBe("/");
  // Whoever took the name that became free is somebody else.
  own.user = { id: 999, login: "Octo-Cat" };
  expect(await makePerson(hub).signIn(providerId)).toBe("/sign-in");
  for (const id of ["583231", 1.5, -1, null]) {
    own.user = { id };
    const odd = makePerson(hub);
    await odd.signIn(providerId);
    expect(await odd.outcome()).toBe("answer_refused");
  }
});

test("what a preset needs is asked for before anything is stored", async () => {
  const cleanup = cleanupAfterTest();
  const hub = await startHub(cleanup, options);
  const any = { issuer: "", clientId: "hub", clientSecret: "secret" };
  const common = "https://login.microsoftonline.com/common/v2.0";
  const cases = [
    addProvider(hub, any, { preset: "apple", appleTeamId: "TEAM000001", appleKeyId: "KEY0000001" }),
    addProvider(hub, any, { preset: "microsoft" }),
    addProvider(hub, any, { preset: "microsoft", issuer: common }),
    addProvider(hub, any, { preset: "google", issuer: "https://elsewhere.example" }),
    addProvider(hub, any, { preset: "constructor" }),
    addProvider(hub, { ...any, clientSecret: "" }, { preset: "gitlab" }),
    addProvider(hub, any, { preset: "gitlab", scopes: "profile" }),
    addProvider(hub, any, { preset: "gitlab", adminClaim: "groups" }),
    addProvider(hub, any, { preset: "gitlab", issuer: "https://a:b@gitlab.example" }),
  ];
  for (const each of cases) expect(await refusalOf(each)).toBe("invalid_request");
});
