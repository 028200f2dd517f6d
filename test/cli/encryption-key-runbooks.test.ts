// The runbooks of docs/operating.md for the keys, as they are typed, beside a hub that runs.
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createClient } from "@connectrpc/connect";
import { connectAs } from "@leapmux/hub/test-support/log-in.ts";
import { SystemService } from "@leapmux/proto/hub/v1/system_pb.ts";
import { expect, test } from "vitest";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { logInCommandLine, setUpHub } from "../harness/known-logins.ts";
import { startLeapmux } from "../harness/processes.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { until, within } from "../harness/until.ts";
import { runLeapmux, withoutPages } from "./run-leapmux.ts";

async function start() {
  const cleanup = cleanupAfterTest();
  const dataDir = await makeTemporaryDirectory(cleanup);
  const hub = startLeapmux(cleanup, ["hub", ...withoutPages, "--data-dir", dataDir]);
  const [, url = ""] = await until(() => /(\S+)\/setup#/.exec(hub.stdout()), "the set-up address");
  const admin = await setUpHub(hub, url);
  const keyFile = path.join(dataDir, "encryption.key");
  const admins = async (args: readonly string[], env: Record<string, string> = {}) => {
    const words = ["admin", "encryption-key", ...args];
    return await runLeapmux(cleanup, [...words, "--data-dir", dataDir], { env });
  };
  return {
    cleanup,
    dataDir,
    hub,
    url,
    admin,
    keyFile,
    admins,
    async json(args: readonly string[], env: Record<string, string> = {}) {
      const { code, stdout, stderr } = await admins([...args, "--json"], env);
      expect(stderr).not.toMatch(/^error/m);
      expect(code).toBe(0);
      return JSON.parse(stdout) as unknown;
    },
    isKnown: async () => {
      const system = createClient(SystemService, connectAs(url, admin.headers));
      return (await system.getSystemInfo({})).userId === admin.userId;
    },
  };
}

test("rotating both keys: nobody is logged out before somebody says so", async () => {
  const { admins, json, keyFile, isKnown, cleanup, url } = await start();
  expect(await json(["status"])).toMatchObject({
    keys: [{ version: 1, active: true, age_days: 0, uses: [] }],
    lost: [],
    wrapped: "none",
    token_key: { generation: 1, grace_until: null, tokens: { logins: 1, workers: 0 } },
  });
  expect((await admins(["rotate"])).stdout).toMatch(/^Version 2 seals from now on\.\n/);
  expect(await json(["reencrypt"])).toEqual({ done: 0, unreadable: 0 });
  const early = await admins(["remove", "--version", "1"]);
  expect(early).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/try again in ten seconds/),
  });
  // As if it had been made long ago.
  const text = readFileSync(keyFile, "utf8");
  writeFileSync(keyFile, text.replaceAll(/ # made \S+/g, ""));
  expect(await json(["remove", "--version", "1"])).toEqual({ removed_version: 1 });
  const absent = await admins(["remove", "--version", "1"]);
  expect(absent).toMatchObject({ code: 1, stderr: expect.stringMatching(/no key with version 1/) });
  expect(await isKnown()).toBe(true);

  const graced = await json(["rotate-pepper", "--yes", "--grace", "24h"]);
  expect(graced).toMatchObject({ generation: 2, tokens: { logins: 1 } });
  expect(await isKnown()).toBe(true);
  const wrong = await admins(["rotate-pepper", "--yes", "--grace", "forever"]);
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringMatching(/--grace must be/) });
  const second = await admins(["rotate-pepper", "--yes", "--grace", "1h"]);
  expect(second).toMatchObject({ code: 1, stderr: expect.stringMatching(/runs until/) });

  // The same over the network, as the same words.
  const token = path.join(path.dirname(keyFile), "admin-token");
  writeFileSync(token, await logInCommandLine(url), { mode: 0o600 });
  const words = ["admin", "encryption-key", "status"];
  const online = await runLeapmux(cleanup, [...words, "--hub", url, "--token-file", token]);
  expect(online.stdout).toBe((await admins(["status"])).stdout);
  const wrap = await runLeapmux(cleanup, [
    ...["admin", "encryption-key", "wrap"],
    ...["--hub", url, "--token-file", token],
  ]);
  expect(wrap).toMatchObject({ code: 2, stderr: expect.stringMatching(/leave out --hub/) });

  // Nobody at a terminal has said that it is meant.
  expect(await admins(["rotate-pepper"])).toMatchObject({ code: 2 });
  expect(await isKnown()).toBe(true);
  const ended = await json(["rotate-pepper", "--yes"]);
  expect(ended).toMatchObject({ generation: 3, grace_until: null, tokens: { logins: 2 } });
  await until(async () => !(await isKnown()), "the hub to know nobody");
});

test("wrapping the key file, going over to another key, and back", async () => {
  const { admins, json, hub, keyFile, dataDir, cleanup, isKnown } = await start();
  const kek = path.join(dataDir, "kek");
  writeFileSync(kek, randomBytes(32), { mode: 0o600 });
  const byFile = {
    LEAPMUX_HUB_ENCRYPTION_KEY_WRAP: "file",
    LEAPMUX_HUB_ENCRYPTION_KEY_WRAP_FILE: kek,
  };
  const [, inClear = ""] = /^1:(\S+)/m.exec(readFileSync(keyFile, "utf8")) ?? [];
  expect(inClear).toHaveLength(44);

  expect(await admins(["wrap"])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/encryption-key-wrap none/),
  });
  expect(await json(["wrap"], byFile)).toEqual({ wrapped: "file" });
  expect(readFileSync(keyFile, "utf8")).not.toContain(inClear);
  // The hub that runs has read it before, says that it cannot take this one, and goes on.
  await until(() => hub.stderr().includes("key file not taken"), "the hub to say so");
  expect(await isKnown()).toBe(true);
  expect(await json(["status"], byFile)).toMatchObject({ wrapped: "key" });
  const untold = await admins(["status"]);
  expect(untold).toMatchObject({ code: 1, stderr: expect.stringMatching(/is wrapped: set/) });

  const phrase = path.join(dataDir, "phrase");
  writeFileSync(phrase, "correct horse battery\n", { mode: 0o600 });
  const byPhrase = {
    LEAPMUX_HUB_ENCRYPTION_KEY_WRAP: "passphrase",
    LEAPMUX_HUB_ENCRYPTION_KEY_PASSPHRASE_FILE: phrase,
  };
  expect(await json(["rewrap", "--to-passphrase-file", phrase], byFile)).toEqual({
    wrapped: "passphrase",
  });
  hub.signal("SIGTERM");
  await within(hub.exited, "a graceful end");
  const again = startLeapmux(cleanup, ["hub", ...withoutPages, "--data-dir", dataDir], {
    env: byPhrase,
  });
  await until(() => again.stdout().includes("http"), "the hub to be ready");
  expect(await json(["rotate"], byPhrase)).toEqual({ active_version: 2 });
  expect(await json(["unwrap", "--yes"], byPhrase)).toEqual({ wrapped: "none" });
  expect(readFileSync(keyFile, "utf8")).toContain(inClear);
  expect(await json(["status"])).toMatchObject({ wrapped: "none", keys: [{ version: 2 }, {}] });
  for (const each of [hub, again]) expect(each.stderr() + each.stdout()).not.toContain(inClear);
});
