/** `leapmux login` and `logout` at a hub whose answers the test chooses, the hostile ones too. */
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  CliLoginState,
  LogOutResponseSchema,
  PollCliLoginRequestSchema,
  PollCliLoginResponseSchema,
  StartCliLoginResponseSchema,
} from "@leapmux/proto/hub/v1/login_pb.ts";
import { describe, expect, test } from "vitest";
import { cleanupAfterTest, type Cleanup } from "../harness/cleanup.ts";
import {
  readMessage,
  sendError,
  sendMessage,
  startFakeHub,
  type FakeHub,
} from "../harness/fake-hub.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { runLeapmux } from "./run-leapmux.ts";

const token = `lml_${"t".repeat(43)}`;
const service = "/leapmux.hub.v1.LoginService";

interface Place {
  readonly hub: FakeHub;
  readonly home: string;
  readonly file: string;
  run(...args: string[]): ReturnType<typeof runLeapmux>;
}

async function makePlace(cleanup: Cleanup): Promise<Place> {
  const hub = await startFakeHub(cleanup);
  const home = await makeTemporaryDirectory(cleanup);
  const env = { XDG_CONFIG_HOME: join(home, "config"), HOME: home };
  return {
    hub,
    home,
    file: join(home, "config/leapmux/logins.json"),
    run: (...args) => runLeapmux(cleanup, args, { env }),
  };
}

interface Chosen {
  userCode?: string;
  /** One for each time that it is asked. */
  states?: CliLoginState[];
  loginToken?: string;
  username?: string;
}

function answerLogins(hub: FakeHub, chosen: Chosen = {}): void {
  const states = [...(chosen.states ?? [CliLoginState.WAITING, CliLoginState.APPROVED])];
  hub.respond((seen, response) => {
    switch (seen.path) {
      case `${service}/StartCliLogin`:
        return sendMessage(response, StartCliLoginResponseSchema, {
          deviceCode: "device-secret",
          userCode: chosen.userCode ?? "ABCD-2345",
          expiresAtMs: BigInt(Date.now() + 600_000),
          pollIntervalMs: 1,
        });
      case `${service}/PollCliLogin`: {
        expect(readMessage(PollCliLoginRequestSchema, seen).deviceCode).toBe("device-secret");
        const state = states.length > 1 ? states.shift() : states[0];
        return sendMessage(response, PollCliLoginResponseSchema, {
          state: state ?? CliLoginState.UNSPECIFIED,
          loginToken: chosen.loginToken ?? token,
          account: { username: chosen.username ?? "ada" },
        });
      }
      case `${service}/LogOut`:
        return sendMessage(response, LogOutResponseSchema, {});
      default:
        return sendError(response, 404, "not_found");
    }
  });
}

test("login shows address and code, keeps the token for its owner alone, logout ends and forgets it", async () => {
  const { hub, file, run } = await makePlace(cleanupAfterTest());
  answerLogins(hub);
  const login = await run("login", hub.url);
  expect(login).toMatchObject({ code: 0 });
  expect(login.stdout).toContain(`${hub.url}/cli#ABCD-2345`);
  expect(login.stdout).toContain(`Logged in to ${hub.url} as ada.`);
  // Its own credential is on no terminal, and neither is the device's code.
  expect(login.stdout + login.stderr).not.toMatch(/lml_|device-secret/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(file, "..")).mode & 0o777).toBe(0o700);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({
    format: 1,
    hubs: { [hub.url]: { login_token: token, username: "ada" } },
  });

  const logout = await run("logout", hub.url);
  expect(logout).toMatchObject({ code: 0, stdout: `Logged out of ${hub.url}.\n` });
  const ended = hub.seen.filter(({ path }) => path === `${service}/LogOut`);
  expect(ended.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${token}`]);
  expect(readFileSync(file, "utf8")).not.toContain("lml_");
  expect(await run("logout", hub.url)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/There was no login/) as string,
  });
});

test("a second login ends the one before at the hub; --json says what happens line by line", async () => {
  const { hub, file, run } = await makePlace(cleanupAfterTest());
  answerLogins(hub);
  await run("login", hub.url);
  const other = `lml_${"u".repeat(43)}`;
  answerLogins(hub, { loginToken: other });
  const again = await run("login", hub.url, "--json");
  const lines = again.stdout.trim().split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    {
      state: "waiting",
      hub: hub.url,
      address: `${hub.url}/cli#ABCD-2345`,
      user_code: "ABCD-2345",
      expires_at_ms: expect.any(Number),
    },
    { state: "logged_in", hub: hub.url, username: "ada" },
  ]);
  const last = hub.seen.at(-1);
  expect(last?.path).toBe(`${service}/LogOut`);
  expect(last?.headers.authorization).toBe(`Bearer ${token}`);
  expect(readFileSync(file, "utf8")).toContain(other);
});

describe("what ends without a login keeps nothing", () => {
  test.each<[string, Chosen, RegExp]>([
    ["denied", { states: [CliLoginState.DENIED] }, /denied in the browser/],
    ["expired", { states: [CliLoginState.EXPIRED] }, /code has expired[^]*leapmux login/],
    ["a state that nobody knows", { states: [99 as CliLoginState] }, /no LeapMux hub does/],
    ["a code that steers the terminal", { userCode: "\u001b[2J-AAAA" }, /no LeapMux hub does/],
    ["a code that leads elsewhere", { userCode: "AAAA/../#B" }, /no LeapMux hub does/],
    ["a token that is none", { loginToken: "x\r\ncookie: y" }, /no LeapMux hub does/],
    ["a name that steers the terminal", { username: "\u001b]0;x\u0007" }, /no LeapMux hub does/],
  ])("%s", async (_name, chosen, expected) => {
    const { hub, file, run } = await makePlace(cleanupAfterTest());
    answerLogins(hub, chosen);
    const { code, stderr, stdout } = await run("login", hub.url);
    expect(stderr).toMatch(expected);
    expect(code).toBe(1);
    // eslint-disable-next-line no-control-regex -- it is what must not be there
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(() => readFileSync(file)).toThrow(/ENOENT/);
  });

  test("a redirect is not followed, a page is no answer, and a flood is not read", async () => {
    const cleanup = cleanupAfterTest();
    const { hub, run } = await makePlace(cleanup);
    const elsewhere = await startFakeHub(cleanup);
    hub.respond((seen, response) => {
      response.writeHead(307, { location: `${elsewhere.url}${seen.path}` }).end();
    });
    expect(await run("login", hub.url)).toMatchObject({ code: 1 });
    expect(elsewhere.seen).toEqual([]);
    hub.respond((_seen, response) => {
      response.writeHead(200, { "content-type": "text/html" }).end("<h1>Log in</h1>");
    });
    expect(await run("login", hub.url)).toMatchObject({ code: 1 });
    hub.respond((_seen, response) => {
      response.writeHead(200, { "content-type": "application/proto" });
      response.on("error", () => undefined);
      response.end(Buffer.alloc(8 * 1024 * 1024));
    });
    expect(await run("login", hub.url)).toMatchObject({ code: 1 });
  });
});

test("a hub that is away: login says so, logout keeps the login unless it is to be forgotten", async () => {
  const cleanup = cleanupAfterTest();
  const { home, file, run } = await makePlace(cleanup);
  const away = "http://127.0.0.1:9";
  expect(await run("login", away)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/cannot be reached/) as string,
  });
  mkdirSync(join(home, "config/leapmux"), { recursive: true, mode: 0o700 });
  const content = { format: 1, hubs: { [away]: { login_token: token, port: 21_021 } } };
  writeFileSync(file, JSON.stringify(content), { mode: 0o600 });
  expect(await run("logout", away)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/was not ended[^]*--forget/) as string,
  });
  expect(readFileSync(file, "utf8")).toContain(token);
  expect(await run("logout", away, "--forget")).toMatchObject({ code: 0 });
  // Where its frontend was served stays: the browser knows its keys by that.
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({
    format: 1,
    hubs: { [away]: { port: 21_021 } },
  });
});

test("logins that others may read, or that are damaged, are refused", async () => {
  const { home, hub, file, run } = await makePlace(cleanupAfterTest());
  mkdirSync(join(home, "config/leapmux"), { recursive: true, mode: 0o700 });
  writeFileSync(file, '{"format":1,"hubs":{}}', { mode: 0o600 });
  chmodSync(file, 0o640);
  expect(await run("login", hub.url)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/open to other users/) as string,
  });
  chmodSync(file, 0o600);
  for (const text of [
    "",
    "[]",
    "{",
    '{"format":2,"hubs":{}}',
    '{"format":1,"hubs":{"x":{"port":0}}}',
  ]) {
    writeFileSync(file, text);
    expect(await run("login", hub.url)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/logins\.json is damaged/) as string,
    });
  }
  expect(hub.seen).toEqual([]);
});
