/** `leapmux admin backup` as it is typed, beside a hub that runs and without one. */
import {
  appendFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { createClient } from "@connectrpc/connect";
import { connectAs } from "@leapmux/hub/test-support/log-in.ts";
import { SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import { expect, test } from "vitest";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { setUpHub } from "../harness/known-logins.ts";
import { startLeapmux } from "../harness/processes.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { until } from "../harness/until.ts";
import { runLeapmux, withoutPages } from "./run-leapmux.ts";

async function start() {
  const cleanup = cleanupAfterTest();
  const directory = await makeTemporaryDirectory(cleanup);
  const dataDir = path.join(directory, "hub");
  const startHub = async () => {
    const hub = startLeapmux(cleanup, ["hub", ...withoutPages, "--data-dir", dataDir]);
    const [, url = ""] = await until(
      () => /(http:\S+?)(\/setup#|\s)/.exec(hub.stdout()),
      "the address",
    );
    return { hub, url };
  };
  const { hub, url } = await startHub();
  const admin = await setUpHub(hub, url);
  const target = path.join(directory, "copy");
  const backup = async (...args: string[]) =>
    await runLeapmux(cleanup, ["admin", "backup", ...args, "--data-dir", dataDir]);
  const isKnown = async (at: string) => {
    const system = createClient(SystemService, connectAs(at, admin.headers));
    return (await system.getSystemInfo({})).userId === admin.userId;
  };
  return { cleanup, directory, dataDir, target, hub, url, startHub, backup, isKnown };
}

test("create beside a running hub, verify, restore without it; logins end unless they are kept", async () => {
  const { dataDir, target, hub, startHub, backup, isKnown } = await start();
  const made = await backup("create", target, "--json");
  expect(made.code).toBe(0);
  expect(JSON.parse(made.stdout)).toMatchObject({ directory: target, wrapped: false });
  expect(readdirSync(target)).toEqual(expect.arrayContaining(["audit.key", "encryption.key"]));
  const last = path.join(dataDir, "last-backup.json");
  expect(JSON.parse(readFileSync(last, "utf8"))).toHaveProperty("made_at");
  expect((await backup("verify", target)).stdout).toMatch(/^The backup of 2\S+ is whole/);
  const again = await backup("create", target);
  expect(again).toMatchObject({ code: 1, stderr: expect.stringMatching(/is there already/) });

  // Not under a hub that runs, and not without being asked.
  const running = await backup("restore", target, "--yes");
  expect(running).toMatchObject({ code: 1, stderr: expect.stringMatching(/is in use by another/) });
  expect((await backup("restore", target)).stderr).toContain("Give --yes to say so.");
  hub.signal("SIGTERM");
  await hub.exited;
  const kept = await backup("restore", target, "--yes", "--keep-logins");
  expect(kept.stdout).toMatch(/is as it was at 2/);
  const { hub: second, url } = await startHub();
  expect(await isKnown(url)).toBe(true);
  await second.kill();

  const restored = await backup("restore", target, "--yes", "--json");
  expect(JSON.parse(restored.stdout)).toMatchObject({ ended: { logins: 1 } });
  const third = await startHub();
  expect(await isKnown(third.url)).toBe(false);
}, 60_000);

test("keys under a passphrase: only with its file, which must be private", async () => {
  const { directory, dataDir, target, hub, backup } = await start();
  const file = path.join(directory, "passphrase");
  writeFileSync(file, "passphrase of the backup\n", { mode: 0o600 });
  const made = await backup("create", target, "--wrap", file);
  expect(made.stdout).toContain("keep the passphrase elsewhere");
  expect(existsSync(path.join(target, "encryption.key"))).toBe(false);
  const without = await backup("verify", target);
  expect(without).toMatchObject({ code: 1, stderr: expect.stringMatching(/--passphrase-file/) });
  const open = path.join(directory, "open");
  writeFileSync(open, "passphrase of the backup\n", { mode: 0o644 });
  expect((await backup("verify", target, "--passphrase-file", open)).stderr).toMatch(/chmod 600/);
  await hub.kill();
  rmSync(dataDir, { recursive: true });
  const restored = await backup("restore", target, "--yes", "--passphrase-file", file);
  expect(restored.code).toBe(0);
  expect(readdirSync(dataDir)).toEqual(expect.arrayContaining(["audit.key", "encryption.key"]));
}, 60_000);

test("what was altered, or does not belong together, changes nothing", async () => {
  const { directory, dataDir, target, hub, backup } = await start();
  await backup("create", target);
  await hub.kill();
  const other = path.join(directory, "other");
  cpSync(target, other, { recursive: true });
  appendFileSync(path.join(other, "encryption.key"), "# more\n");
  const before = readdirSync(dataDir);
  const refused = await backup("restore", other, "--yes");
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/was altered.*\nNothing was changed/);
  expect(readdirSync(dataDir).filter((name) => !before.includes(name))).toEqual([]);
  for (const args of [["create"], ["verify"], ["restore", "--hub", "http://127.0.0.1:1"]]) {
    expect((await backup(...args)).code).toBe(2);
  }
  expect((await backup("verify", path.join(directory, "nowhere"))).stderr).toMatch(/no manifest/);
}, 60_000);
