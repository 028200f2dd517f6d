import { expect, test } from "vitest";
import { makeFakeRelay } from "../test-support/fake-links.ts";
import { openChannel } from "./open-channel.ts";

function make(limits = {}) {
  const fake = makeFakeRelay(limits);
  return { ...fake, fake, client: fake.client("link-1"), worker: fake.worker("worker-0001") };
}

const answerWith =
  (
    worker: ReturnType<typeof make>["worker"],
    channelId: string,
    message2: Uint8Array,
    refusal = "",
  ) =>
  () =>
    worker.link.answers.get(channelId)?.({ message2, refusal });

test("message 1 goes to the worker with the caller's user id, message 2 comes back", async () => {
  const { open, client, worker, relay } = make();
  expect(await open(client, worker, "c1")).toEqual({ ok: true, message2: new Uint8Array(48) });
  expect(worker.orders).toMatchObject([{ channelId: "c1", userId: "ann", encryptionMode: 1 }]);
  expect(relay.channels.get("c1")?.state).toBe("open");
});

test("everything that can be is refused before the worker hears of it", async () => {
  const { open, relay, client, worker, client: own } = make({ maxChannelsPerClient: 2 });
  const stranger = makeFakeRelay().client("link-9", "bob");
  const ask = (change: object) =>
    openChannel(relay, {
      principal: own.link.principal,
      linkId: "link-1",
      workerId: "worker-0001",
      channelId: "c9",
      mode: "classic",
      message1: new Uint8Array(48),
      signal: new AbortController().signal,
      ...change,
    });
  await open(client, worker, "c1");
  const sent = worker.orders.length;

  for (const length of [0, 47, 49, 1616]) {
    expect(await ask({ message1: new Uint8Array(length) })).toEqual({
      ok: false,
      reason: "handshake_failed",
    });
  }
  expect(await ask({ mode: "post-quantum", message1: new Uint8Array(1616) })).toMatchObject({
    reason: "mode_refused",
  });
  expect(await ask({ linkId: "link-2" })).toMatchObject({ reason: "link_lost" });
  expect(await ask({ principal: stranger.link.principal })).toMatchObject({ reason: "link_lost" });
  expect(await ask({ workerId: "worker-0002" })).toMatchObject({ reason: "worker_offline" });
  expect(await ask({ channelId: "c1" })).toMatchObject({ reason: "channel_exists" });
  await open(client, worker, "c2");
  expect(await ask({})).toMatchObject({ reason: "too_many_channels" });
  expect(worker.orders).toHaveLength(sent + 1);
});

test("another's worker looks like one that is offline", async () => {
  const { open, client, fake } = make();
  const theirs = fake.worker("worker-0002", "bob");
  expect(await open(client, theirs, "c1")).toEqual({ ok: false, reason: "worker_offline" });
  expect(theirs.orders).toEqual([]);
});

test("openings are limited per login, refilled by the minute", async () => {
  const { open, client, worker, clock, fake } = make({ openingBurst: 3, openingsPerMinute: 60 });
  const other = fake.client("link-2", "bob");
  const theirs = fake.worker("worker-0002", "bob");
  for (const id of ["c1", "c2", "c3"])
    expect(await open(client, worker, id)).toMatchObject({ ok: true });
  expect(await open(client, worker, "c4")).toEqual({
    ok: false,
    reason: "rate_limited",
    retryAfterMs: 1_000,
    message: "this login opened too many channels just now: wait a moment",
  });
  expect(worker.orders).toHaveLength(3);
  expect(await open(other, theirs, "c5")).toMatchObject({ ok: true });
  clock.advance(1_000);
  expect(await open(client, worker, "c6")).toMatchObject({ ok: true });
});

test("each login has its own quota of channels over all its windows, and its own openings", async () => {
  const { fake, worker, open } = make({ maxChannelsPerLogin: 3, openingBurst: 4 });
  const [first, second] = ["link-2", "link-3"].map((id) => fake.client(id, "ann", "lgn_1"));
  const other = fake.client("link-4", "ann", "lgn_2");
  if (first === undefined || second === undefined) throw new Error("two links");
  for (const id of ["c1", "c2"]) await open(first, worker, id);
  expect(await open(second, worker, "c3")).toMatchObject({ ok: true });
  expect(await open(second, worker, "c4")).toEqual({
    ok: false,
    reason: "too_many_channels",
    message: "this login has too many channels open in all its windows: close one first",
  });
  expect(await open(other, worker, "c4")).toMatchObject({ ok: true });
  first.send({ channelId: "c1", flags: 2 });
  expect(await open(second, worker, "c5")).toMatchObject({ ok: true });
  first.send({ channelId: "c2", flags: 2 });
  expect(await open(second, worker, "c6")).toMatchObject({ reason: "rate_limited" });
  expect(await open(other, worker, "c6")).toMatchObject({ ok: true });
});

test("a link takes openings of its own login only", async () => {
  const { fake, worker, relay } = make();
  const client = fake.client("link-2", "ann", "lgn_1");
  const opening = await openChannel(relay, {
    principal: { ...client.link.principal, loginId: "lgn_2" },
    linkId: "link-2",
    workerId: "worker-0001",
    channelId: "c1",
    mode: "classic",
    message1: new Uint8Array(48),
    signal: new AbortController().signal,
  });
  expect(opening).toEqual({ ok: false, reason: "link_lost" });
  expect(worker.orders).toEqual([]);
});

test("a worker has a bounded number of openings to answer", async () => {
  const { open, client, worker } = make({ maxPendingOpeningsPerWorker: 2 });
  void open(client, worker, "c1", { answer: null });
  void open(client, worker, "c2", { answer: null });
  expect(await open(client, worker, "c3")).toMatchObject({ reason: "rate_limited" });
});

test("a refusal of the worker is passed on, an unknown one is a protocol violation", async () => {
  const { open, client, worker, relay } = make();
  const none = new Uint8Array(0);
  const refused = (id: string, refusal: string) =>
    open(client, worker, id, { answer: answerWith(worker, id, none, refusal) });
  expect(await refused("c1", "too_many_channels")).toMatchObject({ reason: "too_many_channels" });
  expect(await refused("c2", "<b>")).toMatchObject({ reason: "protocol_violation" });
  expect(relay.channels.size).toBe(0);
});

test("a message 2 of another size never reaches the client", async () => {
  const { open, client, worker, relay } = make();
  for (const length of [0, 47, 49, 49_904]) {
    const id = `c${length}`;
    const answer = answerWith(worker, id, new Uint8Array(length));
    expect(await open(client, worker, id, { answer })).toMatchObject({
      reason: "handshake_failed",
    });
    expect(worker.taken()).toEqual([`${id}:handshake_failed`]);
  }
  expect(relay.channels.size).toBe(0);
});

test("a silent worker costs the caller 30 s, and is told that nobody waits any more", async () => {
  const { open, client, worker, relay, clock } = make();
  const opening = open(client, worker, "c1", { answer: null });
  clock.advance(29_999);
  expect(relay.channels.size).toBe(1);
  clock.advance(1);
  expect(await opening).toMatchObject({ ok: false, reason: "handshake_failed" });
  expect(worker.taken()).toEqual(["c1:handshake_failed"]);
  // Its answer comes too late to open anything.
  answerWith(worker, "c1", new Uint8Array(48))();
  expect(relay.channels.size).toBe(0);
});

test("a caller that leaves, a lost link and a lost worker end the opening", async () => {
  const { open, client, worker, relay } = make();
  const abort = new AbortController();
  const first = open(client, worker, "c1", { answer: null, signal: abort.signal });
  abort.abort();
  expect(await first).toMatchObject({ ok: false });
  expect(worker.taken()).toEqual(["c1:closed"]);

  const second = open(client, worker, "c2", { answer: null });
  relay.removeClient(client.link);
  expect(await second).toMatchObject({ ok: false, reason: "link_lost" });
  expect(worker.taken()).toEqual(["c2:link_lost"]);

  const fresh = make();
  const third = fresh.open(fresh.client, fresh.worker, "c3", { answer: null });
  fresh.relay.removeWorker(fresh.worker.link);
  expect(await third).toMatchObject({ ok: false, reason: "worker_offline" });
});

test("data before the answer is a violation, right behind it is not", async () => {
  const { open, client, worker, relay } = make();
  const early = open(client, worker, "c1", { answer: null });
  client.send({ channelId: "c1" });
  expect(await early).toMatchObject({ ok: false, reason: "protocol_violation" });
  expect(relay.channels.size).toBe(0);

  const opening = open(client, worker, "c2", {
    answer: answerWith(worker, "c2", new Uint8Array(48)),
  });
  worker.send({ channelId: "c2" });
  expect(await opening).toMatchObject({ ok: true });
  expect(client.taken()).toEqual(["c1:protocol_violation", "c2:0"]);
});

test("a stopping hub opens nothing", async () => {
  const { open, client, worker, relay } = make();
  void relay.stop();
  expect(await open(client, worker, "c1")).toEqual({
    ok: false,
    reason: "going_away",
    retryAfterMs: 1_000,
  });
});
