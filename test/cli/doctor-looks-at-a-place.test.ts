/** `leapmux doctor` on the data directories of real hubs and workers: each finding provoked, none in a healthy place. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { createBackup } from "@leapmux/hub/backup/create-backup.ts";
import { parseKeyRing, formatKeyRing } from "@leapmux/hub/keystore/key-ring.ts";
import { makePepperFile, rotatePepper } from "@leapmux/hub/keystore/pepper-file.ts";
import { makeRingFile } from "@leapmux/hub/keystore/ring-file.ts";
import { random } from "@leapmux/hub/test-support/start-keys.ts";
import { beforeEach, expect, test } from "vitest";
import { DatabaseSync } from "node:sqlite";
import { cleanupAfterTest, type Cleanup } from "../harness/cleanup.ts";
import { freePort } from "../harness/free-port.ts";
import { startLeapmux, untilReady } from "../harness/processes.ts";
import { startProcesses, startSolo } from "../harness/start-processes.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { until } from "../harness/until.ts";
import { runLeapmux } from "./run-leapmux.ts";

interface Finding {
  check: string;
  level: string;
  sentence: string;
  remedy?: string;
}

let cleanup: Cleanup;
beforeEach(() => (cleanup = cleanupAfterTest()));

async function look(args: readonly string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await runLeapmux(cleanup, ["doctor", ...args, "--json"], {
    env,
  });
  if (stdout === "") throw new Error(stderr);
  const { places } = JSON.parse(stdout) as { places: { kind: string; findings: Finding[] }[] };
  const findings = places.flatMap((place) => place.findings);
  const all = findings.filter(({ level }) => level === "warning" || level === "problem");
  for (const { remedy } of all) expect(remedy).toBeTruthy();
  const bad = all.map(({ check, level }) => `${level} ${check}`);
  return { code, findings, all, bad, kinds: places.map(({ kind }) => kind) };
}

/** A hub that has run, was backed up, and listens where only this machine reaches it. */
async function makeHub() {
  const directory = await makeTemporaryDirectory(cleanup);
  const port = await freePort();
  const dataDir = join(directory, "hub");
  const config = join(directory, "config.yaml");
  const write = (more = ""): void =>
    writeFileSync(config, `listen: 127.0.0.1:${port}\ndata_dir: ${dataDir}\n${more}`);
  write();
  const start = async () => {
    const hub = startLeapmux(cleanup, ["hub", "--config", config]);
    await untilReady(hub, `http://127.0.0.1:${port}`);
    return hub;
  };
  const hub = await start();
  await createBackup({
    ...{ dataDir, target: join(directory, "copy"), version: "test", passphrase: null },
    ...{ wrapping: { kind: "none" }, wallMs: Date.now },
  });
  const here = (...more: string[]) => look(["hub", "--config", config, ...more]);
  return { dataDir, config, port, hub, write, here };
}

test("a hub that runs in a healthy place gives nothing, and neither does one that is stopped", async () => {
  const { hub, here } = await makeHub();
  const running = await here("--strict");
  expect(running.all).toEqual([]);
  expect(running.code).toBe(0);
  expect(running.findings.find(({ check }) => check === "running")?.sentence).toMatch(
    /a hub runs on this directory .process \d+/,
  );
  hub.signal("SIGTERM");
  expect(await hub.exited).toMatchObject({ code: 0 });
  const stopped = await here("--strict");
  expect(stopped.all).toEqual([]);
  expect(stopped.findings.find(({ check }) => check === "running")?.level).toBe("note");
});

test("everything that others may read is told at once, with the commands that close it", async () => {
  const { dataDir, here } = await makeHub();
  chmodSync(join(dataDir, "hub.db"), 0o644);
  chmodSync(join(dataDir, "token-hash.key"), 0o640);
  chmodSync(dataDir, 0o755);
  const { all, code } = await here();
  const permissions = all.filter(({ check }) => check === "permissions");
  expect(permissions.map(({ remedy }) => remedy).sort()).toEqual([
    `chmod 600 ${join(dataDir, "hub.db")}`,
    `chmod 600 ${join(dataDir, "token-hash.key")}`,
    `chmod 700 ${dataDir}`,
  ]);
  expect(code).toBe(1);
});

test("keys: an old one, one that is damaged, lost, of another time, or in its grace", async () => {
  const { dataDir, hub, here, config } = await makeHub();
  await hub.kill();
  const ringFile = join(dataDir, "encryption.key");
  const genuine = readFileSync(ringFile, "utf8");
  const ring = parseKeyRing(genuine, "");
  const madeAtMs = new Map([[1, Date.now() - 91 * 24 * 60 * 60_000]]);
  writeFileSync(ringFile, formatKeyRing({ ...ring, madeAtMs }));
  const old = await here();
  expect(old.bad).toEqual(["warning key_age"]);
  expect(old.all[0]).toMatchObject({ remedy: "leapmux admin encryption-key rotate" });
  expect(old.code).toBe(0);
  writeFileSync(ringFile, "1:short\n");
  expect((await here()).bad).toEqual(["problem keys"]);
  writeFileSync(ringFile, genuine);

  const peppers = makePepperFile(dataDir, random);
  const nowMs = Date.now();
  await peppers.change((now) => rotatePepper(now, random(32), { graceMs: 60 * 60_000, nowMs }));
  const grace = await here();
  expect(grace.bad).toEqual([]);
  expect(grace.findings.some(({ check }) => check === "pepper")).toBe(true);
  const passphrase = "passphrase of the ring";
  const wrapped = makeRingFile({
    ...{ directory: dataDir, random, wrapping: { kind: "none" }, wallMs: Date.now },
  });
  await wrapped.rewrap({ kind: "passphrase", passphrase });
  const unknown = await here();
  expect(unknown.bad).toEqual([]);
  expect(unknown.findings.find(({ check }) => check === "keys")?.level).toBe("note");
  const { findings } = await look(["hub", "--config", config], {
    LEAPMUX_HUB_ENCRYPTION_KEY_WRAP: "passphrase",
    LEAPMUX_HUB_ENCRYPTION_KEY_PASSPHRASE: passphrase,
  });
  expect(findings.find(({ check }) => check === "keys")?.level).toBe("ok");
  expect(JSON.stringify(findings)).not.toContain(passphrase);
  writeFileSync(ringFile, genuine);
  writeFileSync(join(dataDir, "token-hash.key"), "nothing of it");
  const damaged = await here();
  expect(damaged.bad).toEqual(["problem keys"]);
  expect(JSON.stringify(damaged.findings)).not.toContain(genuine.split(":")[1]?.slice(0, 43));
});

test("the database: damaged, of a newer version, of an older one", async () => {
  const { dataDir, hub, here } = await makeHub();
  await hub.kill();
  const file = join(dataDir, "hub.db");
  const change = (sql: string): void => {
    const database = new DatabaseSync(file);
    database.exec(sql);
    database.close();
  };
  change("insert into kysely_migration values ('9999-later', '2030-01-01')");
  expect((await here()).bad).toEqual(["problem schema"]);
  change("delete from kysely_migration where name = '9999-later'");
  change("delete from kysely_migration where name = (select max(name) from kysely_migration)");
  const older = await here();
  expect(older.bad).toEqual([]);
  expect(older.findings.some(({ check, level }) => check === "schema" && level === "note")).toBe(
    true,
  );
  rmSync(`${file}-wal`, { force: true });
  truncateSync(file, 8192);
  expect((await here()).bad).toContain("problem database");
});

test("a backup that is old or never was, and a restore that was cut off", async () => {
  const { dataDir, hub, here } = await makeHub();
  await hub.kill();
  const last = join(dataDir, "last-backup.json");
  writeFileSync(last, JSON.stringify({ made_at: "2026-01-01T00:00:00Z" }));
  expect((await here()).bad).toEqual(["warning backup"]);
  rmSync(last);
  expect((await here()).all[0]?.sentence).toBe("no backup was made of this hub");
  expect((await here("--strict")).code).toBe(1);
  writeFileSync(join(dataDir, "restore-in-progress"), "moving before-restore-1\n", { mode: 0o600 });
  expect((await here()).bad).toEqual(["problem restore"]);
});

test("weak settings, a wide address, settings that cannot be read, and a hub that answers elsewhere", async () => {
  const { write, here, port, dataDir, config } = await makeHub();
  write(
    "signup_enabled: true\nlogin_idle_time: 60d\nsmtp_host: mail.example\nsmtp_from_address: a@b.example\nsmtp_tls_mode: none\n",
  );
  expect((await here()).bad.sort()).toEqual([
    "warning login_idle",
    "warning mail_tls",
    "warning sign_up",
  ]);
  write();
  const set = await runLeapmux(cleanup, [
    ...["admin", "settings", "set", "--config", config],
    ...["--name", "signup_enabled", "--value", "true"],
  ]);
  expect(set.stderr).toBe("");
  expect((await here()).bad).toEqual(["warning sign_up"]);
  const database = new DatabaseSync(join(dataDir, "hub.db"));
  database.exec("delete from settings");
  database.close();
  writeFileSync(config, `listen: ":${port}"\ndata_dir: ${dataDir}\n`);
  expect((await here()).bad).toEqual(["warning listen"]);
  writeFileSync(config, `listen: 127.0.0.1:${await freePort()}\ndata_dir: ${dataDir}\n`);
  expect((await here()).bad).toEqual(["problem answers"]);
  writeFileSync(config, "lisen: 1\n");
  expect((await here()).bad).toEqual(["problem settings"]);
});

test("a worker: linked, refused, damaged, with weak settings", async () => {
  const started = await startProcesses(cleanup);
  await until(() => /Linked to/.exec(started.worker().stdout()), "the link");
  const dataDir = join(started.directory, "worker");
  const here = (env: Record<string, string> = {}) => look(["worker", "--data-dir", dataDir], env);
  const linked = await here();
  expect(linked.all).toEqual([]);
  expect(linked.findings.filter(({ check }) => check === "link" || check === "state")).toHaveLength(
    2,
  );
  expect(
    (
      await here({
        LEAPMUX_WORKER_CLIENT_AUTH: "hub",
        LEAPMUX_WORKER_ENCRYPTION_MODE: "classic",
      })
    ).bad.sort(),
  ).toEqual(["warning client_auth", "warning encryption"]);
  await started.worker().kill();

  const state = join(dataDir, "state.json");
  const { hub_address: hub } = JSON.parse(readFileSync(state, "utf8")) as { hub_address: string };
  expect(hub).toBe(`http://127.0.0.1:${started.port}`);
  const aside = `${state}.refused-20261125T124000Z`;
  renameSync(state, aside);
  const refused = await look(["worker", "--data-dir", dataDir, "--url", hub]);
  expect(refused.bad).toEqual(["problem state"]);
  expect(refused.all[0]?.remedy).toContain(`mv ${aside} ${state}`);
  renameSync(aside, state);
  writeFileSync(
    state,
    readFileSync(state, "utf8").replace("http://127.0.0.1", "http://hub.invalid"),
  );
  expect((await here()).bad.sort()).toEqual(["problem reachable", "warning hub_tls"]);
  writeFileSync(state, "{}");
  writeFileSync(join(dataDir, "worker.db"), "no database ".repeat(1000));
  rmSync(join(dataDir, "worker.db-wal"), { force: true });
  expect((await look(["worker", "--data-dir", dataDir, "--url", hub])).bad.sort()).toEqual([
    "problem database",
    "problem state",
  ]);
});

test("without a name every place that exists is looked at, and words are for people", async () => {
  const home = await makeTemporaryDirectory(cleanup);
  const env = { XDG_CONFIG_HOME: home, HOME: home };
  const nothing = await runLeapmux(cleanup, ["doctor"], { env });
  expect(nothing.code).toBe(1);
  expect(nothing.stderr).toContain("nothing of LeapMux has run here");
  const directory = join(home, "leapmux", "solo");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { process, url } = await startSolo(cleanup, { directory });
  const listen = new URL(url).host;
  writeFileSync(join(directory, "config.yaml"), `listen: ${listen}\n`, { mode: 0o600 });
  const found = await look(["--strict"], env);
  expect(found.kinds).toEqual(["solo"]);
  expect(found.all).toEqual([]);
  const words = await runLeapmux(cleanup, ["doctor", "solo"], { env });
  expect(words.stdout).toMatch(
    /^solo .*\n( {2}(ok|note) .*\n)+( {11}-> .*\n|.*\n)*0 problems, 0 warnings\n$/,
  );
  await process.kill();
  writeFileSync(join(directory, "config.yaml"), "listen: ':4327'\n");
  expect((await look(["solo"], env)).bad).toEqual(["problem listen"]);
});

test("mistakes of whoever types it are told with what is possible", async () => {
  for (const [args, message] of [
    [["proxy"], "proxy is nothing that the doctor knows"],
    [["--url", "https://hub.example"], "--url means nothing without"],
    [["hub", "--url", "nowhere"], "--url must"],
  ] as const) {
    const { code, stderr } = await runLeapmux(cleanup, ["doctor", ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  }
  const missing = await look(["hub", "--data-dir", "/nowhere/at/all"]);
  expect(missing.bad).toContain("problem data_dir");
  expect(existsSync("/nowhere")).toBe(false);
});
