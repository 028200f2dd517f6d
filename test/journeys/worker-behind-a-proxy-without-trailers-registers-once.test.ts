/**
 * A proxy that takes HTTP/2 and speaks HTTP/1.1 to the hub, as the plainest configurations do: a call over gRPC
 * reaches the hub and is done there, but its answer comes back without its end, which is as good as lost.
 */
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { WorkerRegistrationService } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { makeHubTransport } from "@leapmux/worker/link/dial-hub.ts";
import { makeLinkMemory } from "@leapmux/worker/store/link-memory.ts";
import { expect, test } from "vitest";
import { type Cleanup, cleanupAfterTest } from "../harness/cleanup.ts";
import { startHttp1Proxy } from "../harness/http1-proxy.ts";
import { openShell } from "../harness/open-shell.ts";
import { startLeapmux } from "../harness/processes.ts";
import { startHub } from "../harness/start-hub.ts";
import { connectClient } from "../harness/test-client.ts";
import { until, within } from "../harness/until.ts";

const registerPath = `/${WorkerRegistrationService.typeName}/Register`;

async function start(cleanup: Cleanup) {
  const started = await startHub(cleanup);
  const proxy = await startHttp1Proxy(cleanup, started.port, { frontend: "http2" });
  const { key } = await started.hub.mintRegistrationKey();
  const client = await connectClient(cleanup, started.url);
  const dataDir = join(started.directory, "worker");
  const args = ["worker", "--hub", proxy.url, "--data-dir", dataDir, "--client-auth", "hub"];
  const startWorker = () =>
    startLeapmux(cleanup, args, { env: { LEAPMUX_WORKER_REGISTRATION_KEY: key } });
  const untilLinked = (worker: ReturnType<typeof startWorker>) =>
    until(() => {
      if (!worker.isRunning()) throw new Error(`ended early:\n${worker.stderr()}`);
      return worker.stdout().includes(`Linked to ${proxy.url}`);
    }, "the link");
  const registerCalls = () => proxy.answered.filter((path) => path === registerPath).length;
  return { ...started, proxy, key, client, dataDir, startWorker, untilLinked, registerCalls };
}

test("the call that was done unheard is repeated the other way, and there is one worker", async () => {
  const cleanup = cleanupAfterTest();
  const { proxy, client, dataDir, startWorker, untilLinked, registerCalls } = await start(cleanup);
  const worker = startWorker();
  await untilLinked(worker);
  expect(registerCalls()).toBe(2);
  expect(worker.stderr()).not.toContain("cannot be reached");
  const { workers } = await client.workers.listWorkers({});
  expect(workers).toMatchObject([{ online: true }]);
  // The link went the same way, and what worked is remembered.
  expect(proxy.upgrades).toBe(1);
  expect(makeLinkMemory(dataDir, proxy.url).read()).toBe("websocket");
  const { view } = await openShell(await client.channel());
  view.type("echo here-$((40 + 2))\r");
  await view.untilText("here-42");
  worker.signal("SIGTERM");
  expect((await within(worker.exited, "a graceful end")).code).toBe(0);
});

test("answers that break off are asked for until one arrives, and there is one worker", async () => {
  const cleanup = cleanupAfterTest();
  const { proxy, client, startWorker, untilLinked, registerCalls } = await start(cleanup);
  proxy.loseAnswers(registerPath, 3);
  const worker = startWorker();
  await untilLinked(worker);
  expect(worker.stderr()).toContain("cannot be reached");
  expect(registerCalls()).toBeGreaterThan(3);
  const { workers } = await client.workers.listWorkers({});
  expect(workers).toMatchObject([{ online: true }]);
});

test("with gRPC alone the hub has the worker, which never hears of it", async () => {
  const cleanup = cleanupAfterTest();
  const { proxy, key, client, registerCalls } = await start(cleanup);
  const calls = createClient(WorkerRegistrationService, makeHubTransport(proxy.url));
  const registered = calls.register(
    {
      workerId: "wkr_AAAAAAAAAAAAAAAAAAAAAA",
      compositePublicKey: new Uint8Array(1664),
      encryptionMode: 1,
      name: "unheard",
    },
    { headers: { authorization: `Bearer ${key}` } },
  );
  await expect(registered).rejects.toThrow();
  expect(registerCalls()).toBe(1);
  expect((await client.workers.listWorkers({})).workers).toMatchObject([{ name: "unheard" }]);
});
