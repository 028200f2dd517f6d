import { argon2Sync } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createClient } from "@connectrpc/connect";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { Role } from "@leapmux/proto/hub/v1/account_record_pb.ts";
import { AdminService } from "@leapmux/proto/hub/v1/admin_pb.ts";
import { CliLoginState, LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import { expect, test, vi } from "vitest";
import type { HubOptions } from "../../hub-options.ts";
import {
  acceptInvitation,
  connectAs,
  firstAdmin,
  logIn,
  setUpFirstAdmin,
} from "../../test-support/log-in.ts";
import { refusalOf } from "../../test-support/refusal-of.ts";
import { bob } from "../../test-support/revocations.ts";
import { startTestHub } from "../../test-support/start-links.ts";

const json = { "content-type": "application/json", "connect-protocol-version": "1" };

async function start(options: Partial<HubOptions> = {}) {
  const { hub, url, dataDir, log } = await startTestHub({ kind: "hub", ...options });
  const calls = createClient(LoginService, connectAs(url));
  const token = hub.setUpUrl?.split("#")[1] ?? "";
  return { hub, url, dataDir, log, calls, token };
}

async function startSetUp(options: Partial<HubOptions> = {}) {
  const started = await start(options);
  const ann = await setUpFirstAdmin(started.url, started.hub.setUpUrl);
  const admin = createClient(AdminService, ann.transport);
  return { ...started, ann, admin };
}

test("of two who set the hub up at once one wins; afterwards nobody can", async () => {
  const { hub, url, calls, token, log } = await start();
  expect(hub.setUpUrl).toMatch(/^http:\/\/localhost:\d+\/setup#lmi_[\w-]{43}$/);
  expect(await refusalOf(calls.setUp({ ...firstAdmin, token: `${token}x` }))).toBe("token_refused");
  expect(await refusalOf(calls.setUp({ ...firstAdmin, token: "" }))).toBe("token_refused");
  const both = await Promise.all(
    ["ann", "eve"].map((username) => refusalOf(calls.setUp({ ...firstAdmin, token, username }))),
  );
  expect(both.sort()).toEqual(["answered", "token_refused"]);
  expect(await refusalOf(calls.setUp({ ...bob, token }))).toBe("token_refused");
  expect(log.join("")).not.toContain(token);
  expect(await createClient(SystemService, connectAs(url)).getSystemInfo({})).toMatchObject({
    setupRequired: false,
    signUpEnabled: false,
    userId: "",
  });
});

test("unknown user and wrong password get the same answer, down to its bytes", async () => {
  const { url } = await startSetUp();
  const ask = async (username: string, password: string) => {
    const response = await fetch(`${url}/leapmux.hub.v1.LoginService/LogIn`, {
      method: "POST",
      headers: json,
      body: JSON.stringify({ username, password }),
    });
    const {
      date: _date,
      "x-request-id": requestId = "",
      ...headers
    } = Object.fromEntries(response.headers);
    expect(requestId).toMatch(/^req_/);
    const body = JSON.parse(await response.text()) as { details: { type: string }[] };
    // The name of the request is another one each time, and all that is.
    const [reason, reference, ...more] = body.details;
    expect(more).toEqual([]);
    expect(reference).toMatchObject({ debug: { requestId } });
    return { status: response.status, headers, body: JSON.stringify({ ...body, details: reason }) };
  };
  const wrong = await ask("ann", "not the password");
  expect(await ask("nobody", "not the password")).toEqual(wrong);
  expect(wrong).toMatchObject({ status: 401, body: expect.stringContaining("unauthenticated") });
  expect(wrong.headers["set-cookie"]).toBeUndefined();
});

test("a password that was hashed with older parameters is hashed anew once it was right", async () => {
  const { url, dataDir } = await startSetUp();
  const nonce = Buffer.alloc(16, 1);
  const older = { memory: 8_192, passes: 3, parallelism: 1, tagLength: 32 };
  const tag = argon2Sync("argon2id", { message: firstAdmin.password, nonce, ...older });
  const [salt, hash] = [nonce, tag].map((bytes) => bytes.toString("base64").replace(/=+$/, ""));
  const database = new DatabaseSync(join(dataDir, "hub.db"));
  const stored = () =>
    String(database.prepare("SELECT password_hash FROM users").get()?.["password_hash"]);
  database
    .prepare("UPDATE users SET password_hash = ?")
    .run(`$argon2id$v=19$m=8192,t=3,p=1$${salt}$${hash}`);
  await logIn(url);
  await vi.waitUntil(() => stored().startsWith("$argon2id$v=19$m=19456,t=2,p=1$"));
  const anew = stored();
  await logIn(url);
  expect(stored()).toBe(anew);
  database.close();
});

test("guessing is slowed down, and says for how long", async () => {
  const { calls } = await startSetUp();
  const reasons = [];
  for (let count = 0; count < 5; count += 1) {
    reasons.push(await refusalOf(calls.logIn({ username: "ann", password: "wrong" })));
  }
  expect(reasons[0]).toBe("login_refused");
  expect(reasons.at(-1)).toBe("throttled");
});

test("the cookie comes with the answer, is secure behind https, and logging in anew ends the former", async () => {
  const publicUrl = "https://leapmux.example";
  const { url, hub, calls, token } = await start({ publicUrl });
  expect(hub.setUpUrl).toBe(`${publicUrl}/setup#${token}`);
  let cookie = "";
  await calls.setUp(
    { ...firstAdmin, token },
    { onHeader: (headers) => (cookie = headers.get("set-cookie") ?? "") },
  );
  expect(cookie).toMatch(
    /^__Host-leapmux-login=lml_[\w-]{43}; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
  );
  const former = { cookie: cookie.split(";", 1)[0] ?? "" };
  const again = await logIn(url, firstAdmin, former);
  expect(await refusalOf(createClient(AccountService, connectAs(url, former)).getAccount({}))).toBe(
    "unauthenticated",
  );
  const { logins } = await createClient(AccountService, again.transport).listLogins({});
  expect(logins).toMatchObject([{ current: true, address: "127.0.0.1", cli: false }]);
});

test("a bearer token counts before a cookie, and a wrong one is not made good by a cookie", async () => {
  const { url, ann } = await startSetUp();
  const cookie = ann.headers["cookie"] ?? "";
  const token = cookie.split("=")[1] ?? "";
  const ask = (headers: Record<string, string>) =>
    refusalOf(createClient(AccountService, connectAs(url, headers)).getAccount({}));
  expect(await ask({ authorization: `Bearer ${token}` })).toBe("answered");
  expect(await ask({ authorization: `Bearer lml_${"A".repeat(43)}`, cookie })).toBe(
    "unauthenticated",
  );
  expect(await ask({ authorization: "Bearer ", cookie })).toBe("unauthenticated");
  // What a proxy in front asks for is not meant for the hub.
  expect(await ask({ authorization: "Basic YTpi", cookie })).toBe("answered");
  for (const wrong of ["x", `leapmux-login=${token}x`, `leapmux-login=${token.slice(0, -1)}`]) {
    expect(await ask({ cookie: wrong })).toBe("unauthenticated");
  }
});

test("other sites' pages cannot call with somebody's cookie", async () => {
  const { url, ann } = await startSetUp();
  const post = (headers: Record<string, string>) =>
    fetch(`${url}/leapmux.hub.v1.LoginService/LogOut`, {
      method: "POST",
      headers: { ...json, ...ann.headers, ...headers },
      body: "{}",
    }).then((response) => response.status);
  expect(await post({ origin: "https://evil.example" })).toBe(403);
  expect(await post({ "sec-fetch-site": "cross-site" })).toBe(403);
  expect(await post({ "content-type": "text/plain" })).toBe(415);
  expect(await post({ "connect-protocol-version": "" })).toBe(400);
  const query = "?connect=v1&encoding=json&message=%7B%7D";
  const get = await fetch(`${url}/leapmux.hub.v1.LoginService/LogOut${query}`, {
    headers: ann.headers,
  });
  expect(get.status).toBe(405);
  // None of it ended the login.
  expect(await refusalOf(createClient(AccountService, ann.transport).getAccount({}))).toBe(
    "answered",
  );
  expect(await post({ origin: url, "sec-fetch-site": "same-origin" })).toBe(200);
});

test("sign-up is closed unless the hub opens it, and makes no admins", async () => {
  const closed = await startSetUp();
  expect(await refusalOf(closed.calls.signUp(bob))).toBe("sign_up_disabled");
  const open = await start({ isSignUpEnabled: true });
  expect(await refusalOf(open.calls.signUp(bob))).toBe("sign_up_disabled");
  await setUpFirstAdmin(open.url, open.hub.setUpUrl);
  const { result } = await open.calls.signUp(bob);
  expect(result).toMatchObject({ case: "account", value: { username: "bob", role: Role.USER } });
  expect(await refusalOf(open.calls.signUp(bob))).toBe("username_taken");
  for (const username of ["admin", "solo", "-x", ""]) {
    expect(await refusalOf(open.calls.signUp({ ...bob, username })), username).toBe(
      "invalid_request",
    );
  }
  expect(await refusalOf(open.calls.signUp({ username: "cat", password: "short" }))).toBe(
    "password_unfit",
  );
});

test("an invitation, and a link to a new password, each work once", async () => {
  const { url, calls, admin } = await startSetUp();
  const { token } = await admin.invite({ role: Role.USER, email: "bob@example.org" });
  expect(await calls.readInvitation({ token })).toMatchObject({
    role: Role.USER,
    invitedBy: "ann",
    resetsUsername: "",
  });
  const first = await acceptInvitation(url, token, bob);
  expect(await refusalOf(calls.acceptInvitation({ token, ...bob }))).toBe("token_refused");
  expect(await refusalOf(calls.readInvitation({ token: "lmi_" }))).toBe("token_refused");

  const reset = await admin.resetPassword({ userId: first.userId });
  expect(await refusalOf(calls.logIn(bob))).toBe("login_refused");
  expect(await calls.readInvitation({ token: reset.token })).toMatchObject({
    resetsUsername: "bob",
  });
  expect(await refusalOf(calls.acceptInvitation({ token: reset.token, password: "short" }))).toBe(
    "password_unfit",
  );
  const fresh = { ...bob, password: "another stapled battery" };
  expect((await acceptInvitation(url, reset.token, fresh)).userId).toBe(first.userId);
  expect(await refusalOf(calls.logIn(fresh))).toBe("answered");
});

test("a command line gets its login from whoever approves it, and only while they are logged in", async () => {
  const { url, calls, ann } = await startSetUp();
  const account = createClient(AccountService, ann.transport);
  const begin = async (approve: boolean) => {
    const { userCode, deviceCode } = await calls.startCliLogin({});
    await account.answerCliLogin({ userCode, approve });
    return deviceCode;
  };
  const { userCode, deviceCode } = await calls.startCliLogin({});
  expect(await calls.pollCliLogin({ deviceCode })).toMatchObject({ state: CliLoginState.WAITING });
  expect(await account.readCliLogin({ userCode })).toMatchObject({ address: "127.0.0.1" });
  await account.answerCliLogin({ userCode, approve: true });
  const polled = await calls.pollCliLogin({ deviceCode });
  expect(polled).toMatchObject({ state: CliLoginState.APPROVED, account: { username: "ann" } });
  const headers = { authorization: `Bearer ${polled.loginToken}` };
  const { logins } = await createClient(AccountService, connectAs(url, headers)).listLogins({});
  expect(logins.find(({ current }) => current)).toMatchObject({ cli: true });
  expect(await calls.pollCliLogin({ deviceCode })).toMatchObject({ loginToken: "" });

  const denied = await begin(false);
  expect(await calls.pollCliLogin({ deviceCode: denied })).toMatchObject({
    state: CliLoginState.DENIED,
  });
  const late = await begin(true);
  await createClient(LoginService, ann.transport).logOut({});
  expect(await calls.pollCliLogin({ deviceCode: late })).toMatchObject({
    state: CliLoginState.EXPIRED,
    loginToken: "",
  });
});

test("what is too long, of the wrong type or for a second factor that is not there is refused", async () => {
  const { url, calls, token } = await start();
  const long = "x".repeat(1_025);
  for (const call of [
    () => calls.logIn({ username: long, password: "x" }),
    () => calls.logIn({ username: "ann", password: long }),
    () => calls.setUp({ token, username: long, password: firstAdmin.password }),
    () => calls.setUp({ ...firstAdmin, token, displayName: long }),
    () => calls.setUp({ ...firstAdmin, token, displayName: "a\u202eb" }),
    () => calls.pollCliLogin({ deviceCode: long }),
    () => calls.finishLogIn({ challenge: long }),
  ]) {
    expect(await refusalOf(call())).toBe("invalid_request");
  }
  expect(await refusalOf(calls.setUp({ token, username: "ann", password: long }))).toBe(
    "password_unfit",
  );
  expect(await refusalOf(calls.readInvitation({ token: long }))).toBe("token_refused");
  expect(await refusalOf(calls.finishLogIn({ challenge: "x" }))).toBe("login_refused");
  const proof = { case: "passkeyJson", value: "{}" } as const;
  expect(await refusalOf(calls.finishLogIn({ challenge: "x", proof }))).toBe("login_refused");
  for (const body of ['{"username":7}', '{"username":["a"]}', "[]", "null", '"x"', "{"]) {
    const response = await fetch(`${url}/leapmux.hub.v1.LoginService/LogIn`, {
      method: "POST",
      headers: json,
      body,
    });
    expect(response.status, body).toBe(400);
  }
  // Nothing of it used the set-up up.
  expect(await refusalOf(calls.setUp({ ...firstAdmin, token }))).toBe("answered");
});
