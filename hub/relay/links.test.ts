import { createRouterTransport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { dialAsClient } from "../test-support/fake-client.ts";
import { dialAsWorker, trustFakeWorker } from "../test-support/fake-worker.ts";
import { cleanUp, startLinks, startTestHub } from "../test-support/start-links.ts";

// The relay between real sockets. Its rules are tested with links that are no network (relay-frames.test).

test.each(["grpc", "router"] as const)(
  "a frame goes from client to worker and back, over %s",
  async (over) => {
    const { client, worker } = await startLinks({ over });
    const channelId = await client.open();
    expect(worker.orders.map((order) => order.userId)).toEqual(["solo"]);

    const ciphertext = new Uint8Array(100).fill(3);
    client.sendFrames({ channelId, correlationId: 2n ** 60n, flags: 0, ciphertext });
    const down = await worker.inbox.find((message) => message.body.case === "frames");
    expect(down.body.value).toMatchObject({
      frames: [{ channelId, correlationId: 2n ** 60n, flags: 0, ciphertext }],
    });

    worker.sendFrames({ channelId, correlationId: 7n, flags: 1, ciphertext });
    worker.sendFrames({ channelId, correlationId: 7n, flags: 0, ciphertext });
    expect(await client.frames.next()).toMatchObject({ channelId, correlationId: 7n, flags: 1 });
    expect(await client.frames.next()).toMatchObject({ channelId, correlationId: 7n, flags: 0 });
  },
);

test("a thousand frames of several channels arrive whole, in order within each", async () => {
  const { client, worker } = await startLinks();
  const channelIds = [await client.open(), await client.open(), await client.open()];
  const frames = Array.from({ length: 1_000 }, (_, count) => {
    const ciphertext = new Uint8Array(16 + (count % 7) * 9_000);
    new DataView(ciphertext.buffer).setUint32(0, count);
    return { channelId: channelIds[count % 3] ?? "", correlationId: 1n, ciphertext };
  });
  // In messages of many frames, as a worker sends them, within what a message of a link may hold.
  for (let from = 0; from < frames.length; from += 25) {
    worker.sendFrames(...frames.slice(from, from + 25));
  }
  const last = new Map<string, number>();
  for (const _ of frames) {
    const { channelId, ciphertext } = await client.frames.next();
    const number = new DataView(ciphertext.buffer, ciphertext.byteOffset).getUint32(0);
    expect(ciphertext).toHaveLength(16 + (number % 7) * 9_000);
    expect(number).toBe((last.get(channelId) ?? channelIds.indexOf(channelId) - 3) + 3);
    last.set(channelId, number);
  }
});

test("a client that never reads loses its channel and nobody else's memory or time", async () => {
  const { client, worker, url } = await startLinks({
    limits: { maxQueuedBytesPerChannel: 500_000, socketHighWaterBytes: 100_000 },
  });
  const slowId = await client.open();
  const quick = await dialAsClient(url);
  cleanUp(() => quick.socket.terminate());
  const quickId = await quick.open();
  client.socket.pause();
  const ciphertext = new Uint8Array(60_000);
  // Beyond what the operating system's buffers swallow.
  const closed = worker.inbox.find(
    ({ body }) =>
      body.case === "frames" &&
      body.value.frames.some((frame) => frame.channelId === slowId && frame.flags === 2),
  );
  let isClosed = false;
  void closed.then(() => (isClosed = true));
  while (!isClosed) {
    worker.sendFrames({ channelId: slowId, ciphertext });
    worker.sendFrames({ channelId: quickId, ciphertext });
    await quick.frames.next();
  }
  client.socket.resume();
  const last = await client.frames.find((frame) => frame.flags === 2);
  expect(Buffer.from(last.ciphertext).toString()).toBe("slow_consumer");
});

test.each([
  ["garbage", Buffer.from("not protobuf at all"), 1008],
  ["text", "hello", 1008],
  ["a batch of nothing known", Buffer.from([0x0a, 2, 0x7a, 0]), 1008],
  ["a message beyond the bound", Buffer.alloc(1024 * 1024 + 1), 1009],
])("a client that sends %s is disconnected with a reason", async (_name, data, code) => {
  const { client, worker } = await startLinks();
  const channelId = await client.open();
  client.socket.send(data);
  expect((await client.closed).code).toBe(code);
  const lost = await worker.inbox.find(({ body }) => body.case === "frames");
  expect(lost.body.value).toMatchObject({ frames: [{ channelId, flags: 2 }] });
});

test("pings are answered with their nonce, on both levels", async () => {
  const { client } = await startLinks();
  client.send({ case: "ping", value: { nonce: 2n ** 63n } });
  const pong = await client.inbox.find(({ body }) => body.case === "pong");
  expect(pong.body.value).toMatchObject({ nonce: 2n ** 63n });
  const answered = new Promise((resolve) => client.socket.once("pong", resolve));
  client.socket.ping("x");
  expect(String(await answered)).toBe("x");
});

test("a client that answers no pings is given up", async () => {
  const { url } = await startTestHub({ limits: { clientPingMs: 20 } });
  const socket = new WebSocket(`${url.replace("http", "ws")}/link`, {
    origin: url,
    autoPong: false,
  });
  await new Promise((resolve) => socket.once("close", resolve));
});

test("windows of one user are bounded", async () => {
  const { url } = await startTestHub({ limits: { maxClientLinksPerLogin: 1 } });
  const first = await dialAsClient(url);
  cleanUp(() => first.socket.terminate());
  const second = new WebSocket(`${url.replace("http", "ws")}/link`, { origin: url });
  const code = await new Promise((resolve) => second.once("close", resolve));
  expect(code).toBe(1013);
});

test("clients learn that a worker went, by the close of its channels", async () => {
  const { client, worker } = await startLinks();
  const channelId = await client.open();
  worker.hangUp();
  const closed = await client.frames.next();
  expect([closed.channelId, Buffer.from(closed.ciphertext).toString()]).toEqual([
    channelId,
    "worker_offline",
  ]);
});

test("an idle worker's link is sent a beat after 5 s; a silent worker is given up after 10 s", async () => {
  const clock = makeManualClock();
  const { hub } = await startTestHub({ clock: { ...clock, wallMs: () => clock.now() } });
  await trustFakeWorker(hub);
  const worker = await dialAsWorker(createRouterTransport(hub.routes));
  await worker.inbox.find(({ body }) => body.case === "welcome");
  // Checks come every 2 s, so the first at or behind 5 s is the one at 6 s.
  clock.advance(5_999);
  expect(worker.inbox.size).toBe(0);
  clock.advance(1);
  await worker.inbox.find(({ body }) => body.case === "heartbeat");
  clock.advance(4_000);
  await worker.ended;
});

test("a link may stand still for longer than an answer may", async () => {
  const answers = { idleConnectionTimeoutMs: 20, openingTimeoutMs: 20 };
  const beats = { heartbeatIdleMs: 400, heartbeatCheckMs: 200 };
  const { worker } = await startLinks({ limits: { ...answers, ...beats } });
  await worker.inbox.find(({ body }) => body.case === "heartbeat");
});

test("a hub that was stopped hears its workers before it judges them", async () => {
  const clock = makeManualClock();
  const { hub } = await startTestHub({ clock: { ...clock, wallMs: () => clock.now() } });
  await trustFakeWorker(hub);
  const worker = await dialAsWorker(createRouterTransport(hub.routes));
  await worker.inbox.find(({ body }) => body.case === "welcome");
  clock.jump(60_000);
  await worker.inbox.find(({ body }) => body.case === "heartbeat");
  // One that has gone meanwhile is noticed by the next check.
  clock.advance(2_000);
  await worker.ended;
});

test("a worker that breaks the protocol is told so", async () => {
  const { hub, url } = await startTestHub();
  await trustFakeWorker(hub);
  const worker = await dialAsWorker(createGrpcTransport({ baseUrl: url }));
  worker.sendFrames({ channelId: "unknown", flags: 77 });
  expect(String(await worker.ended)).toContain("[invalid_argument]");
});

test("stopping tells both ends how long to wait and ends their links", async () => {
  const { hub, client, worker, url } = await startLinks({ limits: { retryAfterMs: 1_234 } });
  await client.open();
  const closing = hub.close();
  const toClient = await client.inbox.find(({ body }) => body.case === "goingAway");
  const toWorker = await worker.inbox.find(({ body }) => body.case === "goingAway");
  expect([toClient.body.value, toWorker.body.value]).toMatchObject([
    { retryAfterMs: 1_234 },
    { retryAfterMs: 1_234 },
  ]);
  expect((await client.closed).code).toBe(1001);
  expect(await worker.ended).toBeNull();
  await closing;
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
});
