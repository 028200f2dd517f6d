import { expect, test } from "vitest";
import { makeFakeRelay } from "../test-support/fake-links.ts";
import { relayFrames } from "./relay-frames.ts";

async function makeOpen(limits = {}) {
  const fake = makeFakeRelay(limits);
  const client = fake.client("link-1");
  const worker = fake.worker("worker-0001");
  expect(await fake.open(client, worker, "c1")).toMatchObject({ ok: true });
  return { ...fake, fake, client, worker };
}

test("frames pass in both directions, in order", async () => {
  const { client, worker } = await makeOpen();
  client.send({ flags: 1 }, { flags: 1 }, { flags: 0 });
  expect(worker.taken()).toEqual(["c1:1", "c1:1", "c1:0"]);
  worker.send({ flags: 0 });
  expect(client.taken()).toEqual(["c1:0"]);
});

test.each([
  ["interleaved chunks", [{ flags: 1 }, { flags: 0, correlationId: 2n }], "interleaved_chunks"],
  ["unknown flags", [{ flags: 3 }], "protocol_violation"],
  [
    "a ciphertext without room for its tag",
    [{ ciphertext: new Uint8Array(15) }],
    "protocol_violation",
  ],
  ["a ciphertext one too long", [{ ciphertext: new Uint8Array(65_536) }], "message_too_large"],
  [
    "a close reason that is an essay",
    [{ flags: 2, ciphertext: new Uint8Array(65) }],
    "protocol_violation",
  ],
  [
    "a message one chunk too long",
    [
      { flags: 1, ciphertext: new Uint8Array(65_535) },
      { flags: 0, ciphertext: new Uint8Array(100) },
    ],
    "message_too_large",
  ],
])("%s close the channel at both ends, from either", async (_name, frames, reason) => {
  for (const from of ["client", "worker"] as const) {
    const opened = await makeOpen({ maxMessageBytes: 65_536 });
    const { client, worker, relay } = opened;
    expect(opened[from].send(...frames)).toBe(true);
    expect(client.taken().at(-1)).toBe(`c1:${reason}`);
    expect(worker.taken().at(-1)).toBe(`c1:${reason}`);
    expect(relay.channels.size).toBe(0);
    // What follows meets no channel any more, and harms nobody.
    expect(opened[from].send({})).toBe(true);
    expect([...client.taken(), ...worker.taken()]).toEqual([]);
  }
});

test("a frame is heard on the link of its channel only", async () => {
  const { fake, client, worker } = await makeOpen();
  const stranger = fake.client("link-2");
  const other = fake.worker("worker-0002");
  expect(stranger.send({})).toBe(true);
  expect(stranger.send({ flags: 2, ciphertext: Buffer.from("closed") })).toBe(true);
  expect(other.send({})).toBe(true);
  expect([...client.taken(), ...worker.taken()]).toEqual([]);
  client.send({});
  expect(worker.taken()).toEqual(["c1:0"]);
});

test("what can be no frame of any channel ends the link", async () => {
  const { fake } = await makeOpen();
  const client = fake.client("link-2");
  expect(client.send({ channelId: "nobody", flags: 9 })).toBe(false);
  expect(client.send({ channelId: "nobody", ciphertext: new Uint8Array(65_536) })).toBe(false);
  expect(relayFrames(fake.relay, client.link, Buffer.from("garbage"))).toBe(false);
});

test("an end's own close follows its frames and keeps its reason", async () => {
  const { client, worker, relay } = await makeOpen();
  client.send({}, { flags: 2, ciphertext: Buffer.from("decrypt_failed") });
  expect(worker.taken()).toEqual(["c1:0", "c1:decrypt_failed"]);
  expect(client.taken()).toEqual([]);
  expect(relay.channels.size).toBe(0);
});

test("a consumer that stays too slow loses its channel, the others never notice", async () => {
  const { fake, client, worker, relay } = await makeOpen({
    maxQueuedBytesPerChannel: 100_000,
    maxQueuedBytesPerLink: 1_000_000,
  });
  await fake.open(client, worker, "c2");
  const big = { ciphertext: new Uint8Array(60_000) };
  worker.send({ ...big, channelId: "c2" }, { channelId: "c1" }, { ...big, channelId: "c2" });
  expect([...relay.channels.keys()]).toEqual(["c1"]);
  expect(worker.taken()).toEqual(["c2:slow_consumer"]);
  expect(client.taken()).toEqual(["c2:slow_consumer", "c1:0"]);
});

test("a full link costs the channel that fills it, not the one that comes last", async () => {
  const { fake, client, worker, relay } = await makeOpen({
    maxQueuedBytesPerChannel: 200_000,
    maxQueuedBytesPerLink: 200_000,
  });
  await fake.open(client, worker, "c2");
  const big = { ciphertext: new Uint8Array(60_000), channelId: "c2" };
  worker.send(big, big, big, { ciphertext: new Uint8Array(30_000) });
  expect([...relay.channels.keys()]).toEqual(["c1"]);
  expect(client.taken()).toEqual(["c2:slow_consumer", "c1:0"]);
});

test("a full link of frames whose channel has ended drops those", async () => {
  const { fake, client, worker, relay } = await makeOpen({
    maxQueuedBytesPerChannel: 200_000,
    maxQueuedBytesPerLink: 200_000,
  });
  await fake.open(client, worker, "c2");
  const big = { ciphertext: new Uint8Array(60_000), channelId: "c2" };
  worker.send(big, big, big, { channelId: "c2", flags: 2, ciphertext: Buffer.from("closed") });
  worker.send({ ciphertext: new Uint8Array(30_000) });
  expect([...relay.channels.keys()]).toEqual(["c1"]);
  expect(client.taken()).toEqual(["c2:slow_consumer", "c1:0"]);
});

test("a queue that moves for nobody is closed after 30 s, one that moves is not", async () => {
  const { fake, client, worker, clock } = await makeOpen();
  const quick = fake.client("link-2");
  await fake.open(quick, worker, "c2");
  worker.send({}, { channelId: "c2" });
  clock.advance(20_000);
  expect(quick.taken()).toEqual(["c2:0"]);
  worker.send({ channelId: "c2" });
  clock.advance(12_000);
  expect(worker.taken()).toEqual(["c1:slow_consumer"]);
  expect(client.taken()).toEqual(["c1:slow_consumer"]);
  expect(quick.taken()).toEqual(["c2:0"]);
});

test("slow consumers together do not fill the host: the fullest link pays", async () => {
  const { fake, client, worker, clock } = await makeOpen({ maxQueuedBytes: 100_000 });
  const other = fake.client("link-2");
  await fake.open(other, worker, "c2");
  worker.send(
    { ciphertext: new Uint8Array(65_000) },
    { channelId: "c2", ciphertext: new Uint8Array(40_000) },
  );
  clock.advance(2_000);
  expect(client.taken()).toEqual(["c1:slow_consumer"]);
  expect(other.taken()).toEqual(["c2:0"]);
});

test("a lost link takes its channels along, each end learns its reason", async () => {
  const first = await makeOpen();
  first.relay.removeClient(first.client.link);
  expect(first.worker.taken()).toEqual(["c1:link_lost"]);

  const second = await makeOpen();
  second.relay.removeWorker(second.worker.link);
  expect(second.client.taken()).toEqual(["c1:worker_offline"]);
  expect(second.relay.channels.size).toBe(0);
});

test("a second link of a worker replaces the first", async () => {
  const { fake, client, worker, relay } = await makeOpen();
  const second = fake.worker("worker-0001");
  expect(client.taken()).toEqual(["c1:worker_offline"]);
  expect(worker.ends.map((end) => end.reason)).toEqual(["replaced"]);
  expect(relay.workers.get("worker-0001")).toBe(second.link);
  // The end of the first, noticed late, does not touch the second.
  relay.removeWorker(worker.link);
  expect(relay.workers.get("worker-0001")).toBe(second.link);
});

test("a revoked login loses channels and links, others of the same user keep theirs", async () => {
  const { fake, client, worker, relay } = await makeOpen();
  const [first, second] = [
    fake.client("link-2", "ann", "lgn_1"),
    fake.client("link-3", "ann", "lgn_1"),
  ];
  await fake.open(first, worker, "c2");
  worker.taken();
  const opening = fake.open(second, worker, "c3", { answer: null });
  relay.revokeLogin("lgn_1", "password_changed");
  expect(first.taken()).toEqual(["c2:credential_revoked"]);
  expect(worker.taken()).toEqual(["c2:credential_revoked", "c3:credential_revoked"]);
  expect(await opening).toMatchObject({ ok: false, reason: "credential_revoked" });
  expect([first.loginEnds, second.loginEnds]).toEqual([["password_changed"], ["password_changed"]]);
  expect([...relay.channels.keys()]).toEqual(["c1"]);
  expect([...relay.clients.keys()]).toEqual(["link-1"]);
  expect(client.loginEnds).toEqual([]);
});

test("a revoked worker loses its link, its clients their channels", async () => {
  const { client, worker, relay } = await makeOpen();
  relay.revokeWorker("worker-0001");
  relay.revokeWorker("worker-0002");
  expect(client.taken()).toEqual(["c1:credential_revoked"]);
  expect(worker.ends.map((end) => end.reason)).toEqual(["revoked"]);
  expect([relay.channels.size, relay.workers.size, relay.clients.size]).toEqual([0, 0, 1]);
});

test("a stopping hub delivers what waits and takes nothing new", async () => {
  const { client, worker, relay, clock } = await makeOpen();
  worker.send({});
  const stopped = relay.stop();
  worker.send({});
  expect(client.ends).toEqual([]);
  expect(client.taken()).toEqual(["c1:0"]);
  clock.advance(20);
  await stopped;
  expect(client.ends.map((end) => end.reason)).toEqual(["going_away"]);
  expect(worker.ends.map((end) => end.reason)).toEqual(["going_away"]);
});

test("a stopping hub waits 10 s for those who do not read, no longer", async () => {
  const { worker, client, relay, clock } = await makeOpen();
  worker.send({});
  let isStopped = false;
  const stopped = relay.stop().then(() => (isStopped = true));
  for (let waitedMs = 0; waitedMs < 9_980; waitedMs += 20) {
    clock.advance(20);
    await Promise.resolve();
  }
  expect(isStopped).toBe(false);
  clock.advance(20);
  await stopped;
  expect(client.ends).toHaveLength(1);
});
