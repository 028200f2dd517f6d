import { existsSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { setUpHub } from "../harness/known-logins.ts";
import { startLeapmux } from "../harness/processes.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { until, within } from "../harness/until.ts";
import { runLeapmux, withoutPages } from "./run-leapmux.ts";

test("a hub that lost its keys says which file to restore, and does not start without", async () => {
  const cleanup = cleanupAfterTest();
  const dataDir = await makeTemporaryDirectory(cleanup);
  const args = ["hub", ...withoutPages, "--data-dir", dataDir];
  const hub = startLeapmux(cleanup, args);
  const [, url = ""] = await until(() => /(\S+)\/setup#/.exec(hub.stdout()), "the set-up address");
  await setUpHub(hub, url);
  hub.signal("SIGTERM");
  expect((await within(hub.exited, "a graceful end")).code).toBe(0);

  const encryption = path.join(dataDir, "encryption.key");
  writeFileSync(encryption, "1:not-a-key\n");
  const damaged = await runLeapmux(cleanup, args);
  expect(damaged.stderr).toMatch(/^error: .*encryption\.key is damaged \(line 1 is not/m);
  expect(damaged.stderr).not.toMatch(/not-a-key|\n\s+at /);
  expect(damaged.code).toBe(1);

  const hashes = path.join(dataDir, "token-hash.key");
  rmSync(hashes);
  const lost = await runLeapmux(cleanup, args);
  expect(lost.stderr).toMatch(/^error: the file .*token-hash\.key is missing.*from a backup$/m);
  expect(lost.stderr).not.toMatch(/\n\s+at /);
  expect(lost.code).toBe(1);
  expect(existsSync(hashes)).toBe(false);
});
