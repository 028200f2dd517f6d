import { existsSync } from "node:fs";
import path from "node:path";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { RegistrationState, WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { describe, expect, test } from "vitest";
import { runLeapmux } from "../cli/run-leapmux.ts";
import { type Cleanup, cleanupAfterTest } from "../harness/cleanup.ts";
import { openShell } from "../harness/open-shell.ts";
import { startLeapmux } from "../harness/processes.ts";
import { startHub, type HubOptions } from "../harness/start-hub.ts";
import { startProcesses } from "../harness/start-processes.ts";
import { connectClient } from "../harness/test-client.ts";
import { until, within } from "../harness/until.ts";

// The hub over its port, the worker as the process that people start.

async function start(cleanup: Cleanup, limits: HubOptions["limits"] = {}) {
  const { url, directory } = await startHub(cleanup, { limits });
  const calls = createClient(
    WorkerService,
    createConnectTransport({ baseUrl: url, httpVersion: "1.1", useBinaryFormat: true }),
  );
  const args = ["worker", "--hub", url, "--data-dir", path.join(directory, "worker")];
  const withKey = (key: string) => ({ env: { LEAPMUX_WORKER_REGISTRATION_KEY: key } });
  return { calls, args, withKey };
}

describe("a key from the dialog", () => {
  test("registers one worker, which the dialog sees; the second one is told that it was used", async () => {
    const cleanup = cleanupAfterTest();
    const { calls, args, withKey } = await start(cleanup);
    const { keyId, key } = await calls.createRegistrationKey({});
    startLeapmux(cleanup, args, withKey(key));
    const { workerId } = await until(async () => {
      const registration = await calls.getRegistration({ keyId });
      return registration.state === RegistrationState.REGISTERED ? registration : undefined;
    }, "the registration");
    await until(
      async () => (await calls.listWorkers({})).workers.some((worker) => worker.online),
      "the worker online",
    );
    expect((await calls.listWorkers({})).workers).toMatchObject([{ workerId, name: "worker" }]);

    const other = [...args.slice(0, -1), `${args.at(-1)}-other`];
    const reused = await runLeapmux(cleanup, other, withKey(key));
    expect(reused.stderr).toMatch(/does not take the registration key: it was used already/);
    expect(reused.code).toBe(1);
  });

  test("admits nobody once the dialog was closed", async () => {
    const cleanup = cleanupAfterTest();
    const { calls, args, withKey } = await start(cleanup);
    const { keyId, key } = await calls.createRegistrationKey({});
    await calls.destroyRegistrationKey({ keyId });
    const late = await runLeapmux(cleanup, args, withKey(key));
    expect(late.stderr).toMatch(/does not take the registration key: it was withdrawn/);
    expect(late.code).toBe(1);
    expect((await calls.listWorkers({})).workers).toEqual([]);
  });

  test("admits nobody once its time has passed", async () => {
    const cleanup = cleanupAfterTest();
    const { calls, args, withKey } = await start(cleanup, { registrationKeyMs: 1 });
    const { keyId, key } = await calls.createRegistrationKey({});
    await until(
      async () => (await calls.getRegistration({ keyId })).state === RegistrationState.EXPIRED,
      "the end of the key",
    );
    const late = await runLeapmux(cleanup, args, withKey(key));
    expect(late.stderr).toMatch(/does not take the registration key: it has expired/);
    expect(late.stderr).toMatch(/Get a new one in the browser/);
    expect(late.code).toBe(1);
  });
});

describe("a worker that is deregistered while people work on it", () => {
  test("ends their shells and itself, says so, keeps no credentials; they are told why", async () => {
    const cleanup = cleanupAfterTest();
    const system = await startProcesses(cleanup);
    const client = await connectClient(cleanup, system.url);
    const workerId = await client.onlineWorkerId();
    const channel = await client.channel();
    const { view } = await openShell(channel);
    view.type("echo pid-$$-\r");
    await view.untilText(/pid-\d+-/);
    const shell = Number(/pid-(\d+)-/.exec(view.text())?.[1]);
    expect(process.kill(shell, 0)).toBe(true);
    const worker = system.worker();
    const dataDir = path.join(system.directory, "worker");
    expect(existsSync(path.join(dataDir, "state.json"))).toBe(true);

    await client.workers.deregisterWorker({ workerId });
    expect(await within(channel.closed, "the end of the channel")).toBe("worker_deregistered");
    expect((await within(worker.exited, "the end of the worker")).code).toBe(0);
    const hub = `http://127.0.0.1:${system.port}`;
    expect(worker.stdout()).toContain(
      `This worker was deregistered at ${hub}: its keys and its token are wiped.\n` +
        "To use it again, register it with a new key from the hub.\n",
    );
    expect(existsSync(path.join(dataDir, "state.json"))).toBe(false);
    expect(() => process.kill(shell, 0)).toThrow(/ESRCH/);
    await until(
      async () => (await client.workers.listWorkers({})).workers.length === 0,
      "the worker gone from the list",
    );

    // It is nobody now: the next start needs a key again.
    const args = ["worker", "--hub", hub, "--data-dir", dataDir];
    const again = await runLeapmux(cleanup, args);
    expect(again.stderr).toMatch(/this worker is not registered with a hub yet/);
    expect(again.code).toBe(1);
  });
});

describe("a worker that was removed from the hub while it was away", () => {
  test("is refused when it comes back, and ends", async () => {
    const cleanup = cleanupAfterTest();
    const { calls, args, withKey } = await start(cleanup);
    const { key } = await calls.createRegistrationKey({});
    const worker = startLeapmux(cleanup, args, withKey(key));
    await until(() => worker.stdout().includes("Linked to"), "the link");
    worker.signal("SIGTERM");
    await within(worker.exited, "a graceful end");
    const [listed] = await until(async () => {
      const { workers } = await calls.listWorkers({});
      return workers[0]?.online === false ? workers : undefined;
    }, "the worker offline");
    const workerId = listed?.workerId ?? "";

    // Once to have it told when it comes back, once more because nobody waits for that.
    await calls.deregisterWorker({ workerId });
    expect((await calls.listWorkers({})).workers).toMatchObject([{ deregistering: true }]);
    await calls.deregisterWorker({ workerId });
    expect((await calls.listWorkers({})).workers).toEqual([]);
    const back = await runLeapmux(cleanup, args);
    expect(back.stderr).toMatch(/refuses this worker|does not know this worker/);
    expect(back.code).toBe(1);
  });
});
