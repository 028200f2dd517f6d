/** `leapmux login`, `open` and `logout` as a person types them, at a hub that is its own process. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { connectAs, type LoggedIn } from "@leapmux/hub/test-support/log-in.ts";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { expect, test } from "vitest";
import { runLeapmux, type Ran } from "../cli/run-leapmux.ts";
import { type Cleanup, cleanupAfterTest } from "../harness/cleanup.ts";
import { dialClientLink } from "../harness/client-link.ts";
import { setUpHub } from "../harness/known-logins.ts";
import { startLeapmux } from "../harness/processes.ts";
import { rawRequest } from "../harness/raw-http.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { reasonOf } from "../harness/test-client.ts";
import { until, within } from "../harness/until.ts";

async function start(cleanup: Cleanup) {
  const directory = await makeTemporaryDirectory(cleanup);
  const listen = ["--listen", "127.0.0.1:0", "--data-dir", join(directory, "hub")];
  const hub = startLeapmux(cleanup, ["hub", "--dev-frontend", "http://127.0.0.1:9", ...listen]);
  const found = await until(() => {
    if (!hub.isRunning()) throw new Error(`ended early:\n${hub.stderr()}`);
    return /(\S+)\/setup#/.exec(hub.stdout());
  }, "the set-up address");
  const url = found[1] ?? "";
  const admin = await setUpHub(hub, url);
  return { url, admin, hub, env: { XDG_CONFIG_HOME: join(directory, "config") } };
}

type Started = Awaited<ReturnType<typeof start>>;

/** Types the command, reads its code, and answers it in the browser of the admin. */
async function logInByCode(
  cleanup: Cleanup,
  { url, env }: Started,
  browser: LoggedIn,
  approve = true,
): Promise<Ran> {
  const typed = startLeapmux(cleanup, ["login", url], { env });
  const code = await until(() => {
    if (!typed.isRunning()) throw new Error(`ended early:\n${typed.stderr()}`);
    return /if it shows this code: ([A-Z0-9]{4}-[A-Z0-9]{4})/.exec(typed.stdout())?.[1];
  }, "the code");
  expect(typed.stdout()).toContain(`${url}/cli#${code}`);
  const account = createClient(AccountService, browser.transport);
  // The browser shows who asks before anybody decides.
  expect(await account.readCliLogin({ userCode: code })).toMatchObject({ address: "127.0.0.1" });
  await account.answerCliLogin({ userCode: code, approve });
  const { code: exit } = await within(typed.exited, "the end of the log-in");
  return { code: exit, stdout: typed.stdout(), stderr: typed.stderr() };
}

/** `leapmux open`, entered as its browser does. */
async function open(cleanup: Cleanup, { url, env }: Started) {
  // At the port that it chooses by itself, which is none that systems hand out meanwhile.
  const opened = startLeapmux(cleanup, ["open", url, "--by-address", "--no-open"], { env });
  const address = await until(() => {
    if (!opened.isRunning()) throw new Error(`ended early:\n${opened.stderr()}`);
    const [found] = /http:\S+\/enter#lmo_[\w-]{43}/.exec(opened.stdout()) ?? [];
    return found === undefined ? undefined : new URL(found);
  }, "an address to open");
  const { host, origin } = address;
  const port = Number(address.port);
  const secret = address.hash.slice(1);
  const headers = { host, origin };
  const entered = await rawRequest(port, { method: "POST", path: "/enter", headers, body: secret });
  const cookie = entered.headers["set-cookie"]?.[0]?.split(";", 1)[0] ?? "";
  const link = await dialClientLink(origin, { headers: { cookie } });
  cleanup.add(() => link.terminate());
  const account = createClient(AccountService, connectAs(origin, { origin, cookie }));
  return { opened, link, account };
}

const cliLogins = async ({ transport }: LoggedIn): Promise<string[]> => {
  const { logins } = await createClient(AccountService, transport).listLogins({});
  return logins.filter(({ cli }) => cli).map(({ loginId }) => loginId);
};

test("approved in a browser it opens the hub, until the login is ended there", async () => {
  const cleanup = cleanupAfterTest();
  const started = await start(cleanup);
  const { url, admin, hub, env } = started;
  const logged = await logInByCode(cleanup, started, admin);
  expect(logged).toMatchObject({ code: 0, stderr: expect.not.stringContaining("lml_") as string });
  expect(logged.stdout).toContain(`Logged in to ${url} as ${admin.username}.`);
  expect(logged.stdout).not.toContain("lml_");

  const { opened, link, account } = await open(cleanup, started);
  expect((await account.getAccount({})).account).toMatchObject({ username: admin.username });
  expect(link.isOpen()).toBe(true);
  const [loginId = ""] = await cliLogins(admin);
  await createClient(AccountService, admin.transport).endLogin({ loginId });
  expect(await within(link.closed, "the link to end")).toMatchObject({ code: 4001 });
  expect(await account.getAccount({}).then(() => "answered", reasonOf)).toBe("unauthenticated");
  expect(await cliLogins(admin)).toEqual([]);
  opened.signal("SIGTERM");
  expect((await within(opened.exited, "a graceful end")).code).toBe(0);

  // One that has ended is forgotten without a word of the hub's.
  expect(await runLeapmux(cleanup, ["logout", url], { env })).toMatchObject({ code: 0 });
  expect(readFileSync(join(env.XDG_CONFIG_HOME, "leapmux/logins.json"), "utf8")).not.toContain(
    "lml_",
  );
  expect(hub.stderr() + hub.stdout()).not.toContain("lml_");
});

test("logging out ends it at the hub, with the frontend that stands on it", async () => {
  const cleanup = cleanupAfterTest();
  const started = await start(cleanup);
  const { url, admin, env } = started;
  await logInByCode(cleanup, started, admin);
  const { link, account } = await open(cleanup, started);
  expect(await cliLogins(admin)).toHaveLength(1);
  expect(await runLeapmux(cleanup, ["logout", url], { env })).toMatchObject({
    code: 0,
    stdout: `Logged out of ${url}.\n`,
  });
  expect(await within(link.closed, "the link to end")).toMatchObject({ code: 4001 });
  expect(await account.getAccount({}).then(() => "answered", reasonOf)).toBe("unauthenticated");
  expect(await cliLogins(admin)).toEqual([]);
  const without = await runLeapmux(cleanup, ["open", url], { env });
  expect(without.stderr).toContain(`this machine has no login at ${url}`);
});

test("denied in the browser nothing is kept", async () => {
  const cleanup = cleanupAfterTest();
  const started = await start(cleanup);
  const denied = await logInByCode(cleanup, started, started.admin, false);
  expect(denied).toMatchObject({ code: 1 });
  expect(denied.stderr).toContain("the login was denied in the browser");
  expect(await cliLogins(started.admin)).toEqual([]);
});
