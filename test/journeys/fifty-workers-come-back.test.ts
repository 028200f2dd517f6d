/** What fifty workers do when their hub goes away: all come back by themselves, spread out, without hammering. */
import { setImmediate as turn } from "node:timers/promises";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError, createRouterTransport } from "@connectrpc/connect";
import {
  type WorkerLinkDownSchema,
  WorkerLinkService,
} from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { makeHubTransport } from "@leapmux/worker/link/dial-hub.ts";
import { expect, test } from "vitest";
import { type Cleanup, cleanupAfterTest } from "../harness/cleanup.ts";
import { type LightWorker, startLightWorker } from "../harness/light-worker.ts";
import { openShell } from "../harness/open-shell.ts";
import { startProcesses } from "../harness/start-processes.ts";
import { connectClient, type TestClient } from "../harness/test-client.ts";
import { until, within } from "../harness/until.ts";

type Down = MessageInitShape<typeof WorkerLinkDownSchema>;

const count = 50;
const retryAfterMs = 1_000;

function startMany(
  cleanup: Cleanup,
  start: () =>
    | Parameters<typeof startLightWorker>[1]
    | Promise<Parameters<typeof startLightWorker>[1]>,
): Promise<LightWorker[]> {
  return Promise.all(
    Array.from({ length: count }, async () => startLightWorker(cleanup, await start())),
  );
}

function pass(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}

/** The most that fall into any window of so many milliseconds. */
function mostWithin(times: readonly number[], windowMs: number): number {
  return Math.max(
    ...times.map((from) => times.filter((at) => at >= from && at < from + windowMs).length),
  );
}

test.each([
  { how: "stops and says when to come back", isGraceful: true, earliestMs: retryAfterMs },
  { how: "is killed", isGraceful: false, earliestMs: 800 },
])("a hub that $how: each asks once in its turn, then less and less", async (hub) => {
  const cleanup = cleanupAfterTest();
  const clock = makeManualClock();
  let isAway = false;
  let leaves = Promise.withResolvers<void>();
  const transport = createRouterTransport((router) => {
    router.service(WorkerLinkService, {
      async *link(): AsyncGenerator<Down> {
        if (isAway) throw new ConnectError("away", Code.Unavailable);
        yield { body: { case: "welcome", value: { protocolVersion: 1, maxMessageBytes: 1000 } } };
        while (!isAway) {
          yield { body: { case: "heartbeat", value: {} } };
          await Promise.race([leaves.promise, pass(clock, 2_000)]);
        }
        if (hub.isGraceful) yield { body: { case: "goingAway", value: { retryAfterMs } } };
      },
    });
  });
  const workers = await startMany(cleanup, () => ({ transport, clock }));
  const areAll = (...states: string[]): boolean =>
    workers.every((worker) => states.includes(worker.state()));
  await until(() => areAll("online"), "all online");

  isAway = true;
  leaves.resolve();
  await until(() => areAll("waiting"), "all to notice");
  const step = async (ms: number): Promise<void> => {
    clock.advance(ms);
    do await turn();
    while (!areAll("waiting", "online"));
  };
  const stepMs = 10;
  while (clock.now() < 60_000) await step(stepMs);

  const tries = workers.map(({ dialledAtMs }) => dialledAtMs.slice(1));
  const first = tries.map(([atMs]) => atMs ?? 0);
  expect(Math.min(...first)).toBeGreaterThanOrEqual(hub.earliestMs);
  expect(Math.max(...first)).toBeLessThanOrEqual(1_200 + stepMs);
  // They spread over 200 ms or more: no quarter of that sees much more than half of them.
  expect(mostWithin(first, 50)).toBeLessThanOrEqual(count / 2 + 5);
  for (const own of tries) {
    expect(own.length).toBeLessThanOrEqual(8);
    expect(mostWithin(own, 700)).toBe(1);
  }
  const late = tries.flat().filter((atMs) => atMs > 12_000);
  expect(mostWithin(late, 1_000)).toBeLessThanOrEqual(count / 2);

  isAway = false;
  leaves = Promise.withResolvers();
  const before = tries.map((own) => own.length);
  while (!areAll("online")) await step(1_000);
  expect(workers.map(({ dialledAtMs }) => dialledAtMs.length - 1)).toEqual(
    before.map((tried) => tried + 1),
  );
});

test("a hub process that is started again has all of them back, and shells run", async () => {
  const cleanup = cleanupAfterTest();
  const processes = await startProcesses(cleanup);
  const { url } = processes;
  const client = await connectClient(cleanup, url);
  const workers: LightWorker[] = [];
  for (let number = 0; number < count; number += 1) {
    const { key: registrationKey } = await client.workers.createRegistrationKey({});
    const transport = makeHubTransport(url);
    workers.push(await startLightWorker(cleanup, { transport, registrationKey }));
  }
  const online = async ({ workers: calls }: TestClient): Promise<string[]> =>
    (await calls.listWorkers({})).workers
      .filter((worker) => worker.online)
      .map(({ workerId }) => workerId);
  // Beside them the real one that came with the hub.
  const isWhole = async (who: TestClient) => (await online(who)).length === count + 1;
  await until(() => isWhole(client), "all online");

  processes.hub().signal("SIGTERM");
  await within(processes.hub().exited, "the hub to stop");
  await processes.startHub();
  const again = await connectClient(cleanup, url);
  await until(() => isWhole(again), "all back");
  expect(workers.map(({ welcomes }) => welcomes)).toEqual(workers.map(() => 2));
  // One in their turn, and those that met the hub while it was starting.
  const triesEach = workers.map(({ dialledAtMs }) => dialledAtMs.length - 1);
  expect(Math.max(...triesEach)).toBeLessThanOrEqual(6);
  const light = new Set(workers.map(({ workerId }) => workerId));
  const workerId = (await online(again)).find((id) => !light.has(id));
  const { view } = await openShell(await again.channel({ workerId: workerId ?? "" }));
  view.type("echo out-$((6 * 7))\r");
  await view.untilText("out-42");
});
