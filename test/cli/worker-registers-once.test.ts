import { copyFileSync, existsSync, renameSync, statSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { type Cleanup, cleanupAfterTest } from "../harness/cleanup.ts";
import { freePort } from "../harness/free-port.ts";
import { makeRegistrationKey, setUpHub } from "../harness/known-logins.ts";
import { startLeapmux } from "../harness/processes.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { until, within } from "../harness/until.ts";
import { runLeapmux } from "./run-leapmux.ts";

async function startHub(cleanup: Cleanup, dataDir: string, port: number) {
  const listen = `127.0.0.1:${port}`;
  const pages = ["--dev-frontend", "http://127.0.0.1:9"];
  const hub = startLeapmux(cleanup, ["hub", ...pages, "--listen", listen, "--data-dir", dataDir]);
  const found = await until(() => {
    if (!hub.isRunning()) throw new Error(`ended early:\n${hub.stderr()}`);
    return /(\S+)\/setup#/.exec(hub.stdout());
  }, "the set-up address");
  const url = found[1] ?? "";
  return { hub, key: await makeRegistrationKey(await setUpHub(hub, url)), url };
}

const keyVariable = "LEAPMUX_WORKER_REGISTRATION_KEY";

describe("leapmux worker", () => {
  test("registers with a key, then links without one", async () => {
    const cleanup = cleanupAfterTest();
    const dir = await makeTemporaryDirectory(cleanup);
    const { key, url } = await startHub(cleanup, path.join(dir, "hub"), 0);
    const args = ["worker", "--hub", url, "--data-dir", path.join(dir, "worker"), "--name", "box"];

    for (const env of [{ [keyVariable]: key }, {}]) {
      const worker = startLeapmux(cleanup, args, { env });
      await until(() => {
        if (!worker.isRunning()) throw new Error(`ended early:\n${worker.stderr()}`);
        return worker.stdout().includes(`Linked to ${url} as "box"`);
      }, "the link");
      worker.signal("SIGTERM");
      expect((await within(worker.exited, "a graceful end")).code).toBe(0);
      expect(worker.stdout() + worker.stderr()).not.toContain(key);
    }

    const again = await runLeapmux(cleanup, args, { env: { [keyVariable]: key } });
    expect(again.stderr).toMatch(/registered already and needs no key/);
    expect(again.code).toBe(1);

    const other = ["worker", "--hub", url, "--data-dir", path.join(dir, "other")];
    const reused = await runLeapmux(cleanup, other, { env: { [keyVariable]: key } });
    expect(reused.stderr).toMatch(/does not take the registration key: it was used already/);
    expect(reused.code).toBe(1);
    expect(reused.stderr).not.toContain(key);
  });

  test("refuses to start without a key, and with one that the hub does not know", async () => {
    const cleanup = cleanupAfterTest();
    const dir = await makeTemporaryDirectory(cleanup);
    const { url } = await startHub(cleanup, path.join(dir, "hub"), 0);
    const args = ["worker", "--hub", url, "--data-dir", path.join(dir, "worker")];
    const without = await runLeapmux(cleanup, args);
    expect(without.stderr).toMatch(
      /not registered with a hub yet\n.*LEAPMUX_WORKER_REGISTRATION_KEY/,
    );
    expect(without.code).toBe(1);
    const damaged = await runLeapmux(cleanup, [...args, "--registration-key", "lmk_x.short"]);
    expect(damaged.stderr).toMatch(/the registration key is not whole/);
    expect(damaged.code).toBe(1);
    for (const [key, why] of [
      ["nonsense", "it does not look like one"],
      [`lmk_${"A".repeat(43)}`, "it is not known there"],
    ] as const) {
      const wrong = await runLeapmux(cleanup, [...args, "--registration-key", key]);
      expect(wrong.stderr).toContain(`does not take the registration key: ${why}`);
      expect(wrong.stderr).not.toContain(key);
      expect(wrong.code).toBe(1);
    }
  });

  test("keeps trying while the hub is away, says so, and can be stopped meanwhile", async () => {
    const cleanup = cleanupAfterTest();
    const dir = await makeTemporaryDirectory(cleanup);
    const url = `http://127.0.0.1:${await freePort()}`;
    const args = ["worker", "--hub", url, "--data-dir", path.join(dir, "worker")];
    const worker = startLeapmux(cleanup, args, { env: { [keyVariable]: "lmk_any" } });
    await until(() => worker.stderr().includes("next try in"), "word of the next try");
    worker.signal("SIGTERM");
    expect((await within(worker.exited, "a graceful end")).code).toBe(0);
  });

  test("registers as soon as the hub is there", async () => {
    const cleanup = cleanupAfterTest();
    const dir = await makeTemporaryDirectory(cleanup);
    const port = await freePort();
    const first = await startHub(cleanup, path.join(dir, "hub"), port);
    first.hub.signal("SIGTERM");
    await within(first.hub.exited, "a graceful end");
    const worker = startLeapmux(
      cleanup,
      ["worker", "--hub", first.url, "--data-dir", path.join(dir, "worker")],
      { env: { [keyVariable]: first.key } },
    );
    await until(() => worker.stderr().includes("cannot be reached"), "word of the hub's absence");
    startLeapmux(cleanup, [
      ...["hub", "--dev-frontend", "http://127.0.0.1:9", "--listen", `127.0.0.1:${port}`],
      ...["--data-dir", path.join(dir, "hub")],
    ]);
    await until(() => worker.stdout().includes("Linked to"), "the link");
    expect(worker.stdout()).toContain(`Registered with ${first.url}.`);
  });

  test("its own hub, when that has lost its database, stops it, and one lost database is not the end", async () => {
    const cleanup = cleanupAfterTest();
    const dir = await makeTemporaryDirectory(cleanup);
    const port = await freePort();
    const first = await startHub(cleanup, path.join(dir, "hub"), port);
    const dataDir = path.join(dir, "worker");
    const worker = startLeapmux(cleanup, ["worker", "--hub", first.url, "--data-dir", dataDir], {
      env: { [keyVariable]: first.key },
    });
    await until(() => worker.stdout().includes("Linked to"), "the link");
    // Nobody is paired with: this key has no secret behind it.
    expect(worker.stderr()).toMatch(/no device is paired with this worker/);
    first.hub.signal("SIGTERM");
    await within(first.hub.exited, "a graceful end");
    // At the same address, without its memory.
    const second = await startHub(cleanup, path.join(dir, "hub2"), port);
    expect((await within(worker.exited, "the worker to give up")).code).toBe(1);
    const told =
      /does not know this worker any more: its keys and its token are set aside in (\S+)/;
    const aside = told.exec(worker.stderr())?.[1] ?? "";
    const stateFile = path.join(dataDir, "state.json");
    expect(existsSync(stateFile)).toBe(false);
    expect(statSync(aside).mode & 0o777).toBe(0o600);
    const args = ["worker", "--hub", first.url, "--data-dir", dataDir];
    const without = await runLeapmux(cleanup, args);
    expect([without.code, told.exec(without.stderr)?.[1]]).toEqual([1, aside]);

    // Registered anew it has the words that it had.
    copyFileSync(aside, path.join(dir, "copy"));
    const anew = startLeapmux(cleanup, args, { env: { [keyVariable]: second.key } });
    await until(() => anew.stdout().includes("Linked to"), "the link to the new hub");
    const words = /^Fingerprint.*$/m;
    const shown = await until(() => words.exec(anew.stdout()), "its words");
    expect(shown[0]).toBe(words.exec(worker.stdout())?.[0]);
    expect(existsSync(aside)).toBe(false);
    for (const each of [anew, second.hub]) {
      each.signal("SIGTERM");
      await within(each.exited, "a graceful end");
    }

    // A hub that has its database back knows whatever was put back.
    renameSync(path.join(dir, "copy"), stateFile);
    startLeapmux(cleanup, [
      ...["hub", "--dev-frontend", "http://127.0.0.1:9", "--listen", `127.0.0.1:${port}`],
      ...["--data-dir", path.join(dir, "hub")],
    ]);
    const back = startLeapmux(cleanup, args);
    await until(() => back.stdout().includes("Linked to"), "the link to the old hub");
  });

  test("a hub that does not know it any more is believed", async () => {
    const cleanup = cleanupAfterTest();
    const dir = await makeTemporaryDirectory(cleanup);
    const first = await startHub(cleanup, path.join(dir, "hub"), 0);
    const data = ["--data-dir", path.join(dir, "worker")];
    const worker = startLeapmux(cleanup, ["worker", "--hub", first.url, ...data], {
      env: { [keyVariable]: first.key },
    });
    await until(() => worker.stdout().includes("Linked to"), "the link");
    worker.signal("SIGTERM");
    await within(worker.exited, "a graceful end");
    // Another hub, that never heard of it.
    const second = await startHub(cleanup, path.join(dir, "hub2"), 0);
    const { code, stderr } = await runLeapmux(cleanup, ["worker", "--hub", second.url, ...data]);
    expect(stderr).toMatch(/refuses this worker/);
    expect(code).toBe(1);
    // It is not the one that gave the token: nothing is wiped on its word.
    expect(existsSync(path.join(dir, "worker", "state.json"))).toBe(true);
  });
});
