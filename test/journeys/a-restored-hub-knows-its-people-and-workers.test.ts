/**
 * The drill: a hub is backed up while it runs, loses its whole data directory and comes back from the copy. Who
 * was there logs in with a second factor, the worker links by itself, and its terminal went on meanwhile.
 */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { connectAs, firstAdmin } from "@leapmux/hub/test-support/log-in.ts";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import { expect, test } from "vitest";
import { runLeapmux } from "../cli/run-leapmux.ts";
import { cleanupAfterTest, type Cleanup } from "../harness/cleanup.ts";
import { knownHeaders, rememberLogin } from "../harness/known-logins.ts";
import { openShell } from "../harness/open-shell.ts";
import { startLeapmux } from "../harness/processes.ts";
import { startProcesses } from "../harness/start-processes.ts";
import { followUntil, reconnect } from "../harness/stubborn-client.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { totpCode } from "../harness/totp-code.ts";
import { until } from "../harness/until.ts";

const stepMs = 30_000;

async function addTotp(url: string): Promise<string> {
  const account = createClient(AccountService, connectAs(url, knownHeaders(url)));
  const { secret } = await account.startTotp({ password: firstAdmin.password });
  await account.finishTotp({ code: totpCode(secret, Date.now()) });
  return secret;
}

/** As the browser does; the next code, for none counts twice. */
async function logInWithTotp(url: string, secret: string): Promise<void> {
  const logins = createClient(LoginService, connectAs(url));
  const { result } = await logins.logIn(firstAdmin);
  if (result.case !== "secondFactor") throw new Error("no second factor is asked for");
  const { challenge } = result.value;
  const proof = { case: "totpCode" as const, value: totpCode(secret, Date.now() + stepMs) };
  let cookie = "";
  const finished = await logins.finishLogIn(
    { challenge, proof },
    { onHeader: (headers) => (cookie = headers.get("set-cookie")?.split(";", 1)[0] ?? "") },
  );
  if (finished.result.case !== "account") throw new Error("not logged in");
  const headers = { cookie };
  const { userId } = finished.result.value;
  rememberLogin(url, { ...firstAdmin, userId, headers, transport: connectAs(url, headers) });
}

test("a hub that lost everything is there again with its people, its worker and its terminals", async () => {
  const cleanup = cleanupAfterTest();
  const processes = await startProcesses(cleanup);
  const { url, directory } = processes;
  const dataDir = join(directory, "hub");
  const copy = join(directory, "copy");
  const admin = (...args: string[]) =>
    runLeapmux(cleanup, ["admin", "backup", ...args, "--data-dir", dataDir]);
  const secret = await addTotp(url);
  const { channel } = await reconnect(cleanup, url);
  const { view } = await openShell(channel);
  const goOn = join(directory, "go-on");
  view.type(`until [ -e ${goOn} ]; do sleep 0.1; done; echo went-$((40 + 2))-on\r`);

  // 1. Backed up while it runs, with the terminal open; then everything is gone.
  expect((await admin("create", copy)).code).toBe(0);
  expect(view.ended()).toBeUndefined();
  await processes.hub().kill();
  await until(() => view.ended() !== undefined, "the view to notice");
  rmSync(dataDir, { recursive: true });
  // The worker does not wait for any hub.
  writeFileSync(goOn, "");

  // 2. Back from the copy.
  const restored = await admin("restore", copy, "--yes");
  expect(restored).toMatchObject({ code: 0 });
  await processes.startHub();
  const former = createClient(SystemService, connectAs(url, knownHeaders(url)));
  expect((await former.getSystemInfo({})).userId).toBe("");
  await logInWithTotp(url, secret);
  await followUntil(cleanup, url, view, "went-42-on");
  expect(view.text().split("went-42-on")).toHaveLength(2);
  view.type("echo typed-$((20 + 3))-after\r");
  await followUntil(cleanup, url, view, "typed-23-after");
  expect(processes.worker().isRunning()).toBe(true);
}, 120_000);

/** A backup whose key file is of another hub, with a manifest that says that this is right. */
function mismatch(copy: string, otherDir: string, to: string): void {
  cpSync(copy, to, { recursive: true });
  const bytes = readFileSync(join(otherDir, "encryption.key"));
  writeFileSync(join(to, "encryption.key"), bytes);
  const file = join(to, "manifest.json");
  const manifest = JSON.parse(readFileSync(file, "utf8")) as {
    files: { name: string; bytes: number; sha256: string }[];
  };
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const files = manifest.files.map((each) =>
    each.name === "encryption.key" ? { ...each, bytes: bytes.length, sha256 } : each,
  );
  writeFileSync(file, JSON.stringify({ ...manifest, files }));
}

function startHub(cleanup: Cleanup, dataDir: string, ...flags: string[]) {
  const args = ["hub", "--listen", "127.0.0.1:0", "--dev-frontend", "http://127.0.0.1:9", ...flags];
  return startLeapmux(cleanup, [...args, "--data-dir", dataDir]);
}

test("keys of another hub are refused, and no hub starts on a restore that was cut off", async () => {
  const cleanup = cleanupAfterTest();
  const { url, directory, hub } = await startProcesses(cleanup);
  const dataDir = join(directory, "hub");
  await addTotp(url);
  const copy = join(directory, "copy");
  const admin = (...args: string[]) =>
    runLeapmux(cleanup, ["admin", "backup", ...args, "--data-dir", dataDir]);
  await admin("create", copy);
  await hub().kill();

  const other = await makeTemporaryDirectory(cleanup);
  const second = startHub(cleanup, other);
  await until(() => second.stdout().includes("/setup#"), "the other hub");
  await second.kill();
  const mixed = join(directory, "mixed");
  mismatch(copy, other, mixed);
  const before = readdirSync(dataDir);
  const refused = await admin("restore", mixed, "--yes");
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("do not open its database");
  expect(readdirSync(dataDir).filter((name) => !before.includes(name))).toEqual([]);

  // As it is left by whoever is cut off in the middle: some of it is there, and the mark.
  rmSync(join(dataDir, "encryption.key"));
  const mark = join(dataDir, "restore-in-progress");
  writeFileSync(mark, "copying before-restore-1\n", { mode: 0o600 });
  const stopped = startHub(cleanup, dataDir);
  expect(await stopped.exited).toMatchObject({ code: 1 });
  expect(stopped.stderr()).toMatch(/did not come to its end: run `leapmux admin backup restore`/);
  expect((await admin("restore", copy, "--yes")).code).toBe(0);
  expect(existsSync(mark)).toBe(false);
  const again = startHub(cleanup, dataDir);
  await until(() => /http:\S+/.exec(again.stdout()), "the hub");
}, 120_000);
