import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { WorkerLinkService } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { createWorker } from "@leapmux/worker/context.ts";
import { makeHubTransport, type HubTransportOptions } from "@leapmux/worker/link/dial-hub.ts";
import { makeLinkMemory } from "@leapmux/worker/store/link-memory.ts";
import { expect, test } from "vitest";
import { type Cleanup, cleanupAfterTest } from "../harness/cleanup.ts";
import { startHttp1Proxy } from "../harness/http1-proxy.ts";
import { endMark, printLinesCommand, wrongInLines } from "../harness/numbered-lines.ts";
import { openShell } from "../harness/open-shell.ts";
import { startLeapmux } from "../harness/processes.ts";
import { startHub } from "../harness/start-hub.ts";
import { connectClient, reasonOf } from "../harness/test-client.ts";
import { until, within } from "../harness/until.ts";

async function start(cleanup: Cleanup, options: HubTransportOptions) {
  const started = await startHub(cleanup);
  const proxy = await startHttp1Proxy(cleanup, started.port);
  const worker = await createWorker({
    dataDir: join(started.directory, "worker"),
    transport: makeHubTransport(proxy.url, options),
    name: "behind a proxy",
    mode: "post-quantum",
    clientAuth: "hub",
    bundled: false,
    logger: started.logger,
  });
  cleanup.add(() => worker.stop());
  return { ...started, proxy, worker };
}

test("registers, gets online and serves a terminal that prints much, over auto", async () => {
  const cleanup = cleanupAfterTest();
  const worked: string[] = [];
  const { hub, url, proxy, worker } = await start(cleanup, {
    link: "auto",
    onWorked: (kind) => void worked.push(kind),
  });
  const { key } = await hub.mintRegistrationKey();
  await worker.register({ registrationKey: key, secret: null });
  worker.start();
  await until(() => worker.state() === "online", "the worker online");
  expect(worked).toEqual(["websocket"]);
  expect(proxy.upgrades).toBe(1);

  const client = await connectClient(cleanup, url);
  await client.onlineWorkerId();
  const { view } = await openShell(await client.channel());
  const lines = 9_000;
  view.type(printLinesCommand(lines));
  await view.untilText(endMark, 60_000);
  expect(wrongInLines(view.text(), lines)).toBeUndefined();

  // Cut off, it comes back the same way without trying the other first.
  proxy.cut();
  await until(() => proxy.upgrades === 2 && worker.state() === "online", "the worker back");
  const again = await client.channel();
  await view.attach(again.terminals);
  view.type("echo back-$((40 + 2))\r");
  await view.untilText("back-42");
});

test("gRPC alone does not get through such a proxy, and says no more than that it is lost", async () => {
  const cleanup = cleanupAfterTest();
  const { hub, worker, proxy } = await start(cleanup, { link: "grpc" });
  await expect(
    hub
      .mintRegistrationKey()
      .then(({ key }) => worker.register({ registrationKey: key, secret: null })),
  ).rejects.toThrow();
  expect(proxy.upgrades).toBe(0);
});

test("a worker that was removed hears it over a WebSocket as the hub's own word", async () => {
  const cleanup = cleanupAfterTest();
  const { hub, url, worker } = await start(cleanup, { link: "websocket" });
  const { key } = await hub.mintRegistrationKey();
  await worker.register({ registrationKey: key, secret: null });
  worker.start();
  await until(() => worker.state() === "online", "the worker online");
  const { workerId } = worker.identity;
  const calls = createClient(
    WorkerService,
    createConnectTransport({ baseUrl: url, httpVersion: "1.1", useBinaryFormat: true }),
  );
  await worker.stop();
  await until(async () => {
    const { workers } = await calls.listWorkers({});
    return workers[0]?.online === false;
  }, "the worker offline");
  await calls.deregisterWorker({ workerId });
  await calls.deregisterWorker({ workerId });
  const transport = makeHubTransport(url, { link: "websocket" });
  const link = createClient(WorkerLinkService, transport).link(
    (async function* () {
      yield {};
    })(),
    {
      headers: {
        authorization: `Bearer ${worker.identity.workerToken ?? ""}`,
        "x-leapmux-worker-id": workerId,
      },
    },
  );
  const refused = link[Symbol.asyncIterator]()
    .next()
    .then(() => "taken", reasonOf);
  expect(await refused).toBe("worker_token_refused");
});

test("the command finds the way by itself and remembers it", async () => {
  const cleanup = cleanupAfterTest();
  const { hub, port, directory } = await startHub(cleanup);
  const proxy = await startHttp1Proxy(cleanup, port);
  const args = ["worker", "--hub", proxy.url, "--data-dir", join(directory, "process")];
  const { key } = await hub.mintRegistrationKey();
  for (const env of [{ LEAPMUX_WORKER_REGISTRATION_KEY: key }, {}]) {
    const worker = startLeapmux(cleanup, args, { env });
    await until(() => {
      if (!worker.isRunning()) throw new Error(`ended early:\n${worker.stderr()}`);
      return worker.stdout().includes(`Linked to ${proxy.url}`);
    }, "the link");
    worker.signal("SIGTERM");
    expect((await within(worker.exited, "a graceful end")).code).toBe(0);
  }
  expect(makeLinkMemory(join(directory, "process"), proxy.url).read()).toBe("websocket");
  expect(makeLinkMemory(join(directory, "process"), "http://127.0.0.1:1").read()).toBeUndefined();
});
