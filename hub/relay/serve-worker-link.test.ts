import { expect, test } from "vitest";
import { makeFakeRelay, noWorkerParts } from "../test-support/fake-links.ts";
import { type LinkDownBody, makeWorkerLink } from "./serve-worker-link.ts";

const hello = {
  compositePublicKey: new Uint8Array(1664),
  mode: "classic",
  maxMessageBytes: 65_536,
  protocolVersion: 1,
} as const;

function setUp() {
  const { relay, clock } = makeFakeRelay();
  const owner = { worker_id: "worker-0001", user_id: "ann" };
  let cuts = 0;
  const parts = { ...noWorkerParts, cut: () => void (cuts += 1) };
  const pump = makeWorkerLink(relay, owner, hello, parts);
  return { relay, clock, pump, cuts: () => cuts };
}

const answer = (number: number) => ({
  userId: "ann",
  devicePublicKey: new Uint8Array(1984),
  deviceMac: new Uint8Array(64).fill(number % 256),
});

/** The answers that reach the worker, by their number, and whatever else by its name. */
async function readAll(pump: ReturnType<typeof setUp>["pump"]): Promise<unknown[]> {
  pump.link.sendGoingAway(1);
  const told: unknown[] = [];
  for await (const { body } of pump.messages(nothing())) {
    told.push(body.case === "pairingAnswer" ? body.value.deviceMac[0] : body.case);
    if (body.case === "goingAway") pump.finish();
  }
  return told;
}

test("of many answers to a pairing the last few wait for a worker that does not read", async () => {
  const { relay, pump } = setUp();
  for (let count = 1; count <= 1_000; count += 1) pump.link.sendPairingAnswer(answer(count));
  const last = Array.from({ length: relay.limits.maxWaitingPairingAnswers }, (_, at) => 1_000 - at);
  expect(await readAll(pump)).toEqual([...last.reverse().map((each) => each % 256), "goingAway"]);
});

test("an answer is not lost because an older one is found in the database later", async () => {
  const { pump } = setUp();
  for (const number of [2, 1, 2]) pump.link.sendPairingAnswer(answer(number));
  expect(await readAll(pump)).toEqual([2, 1, "goingAway"]);
});

test("a worker that takes no message for too long loses its link, whatever it sends", async () => {
  const { relay, clock, pump, cuts } = setUp();
  relay.addWorker(pump.link);
  const messages = pump.messages(nothing());
  pump.link.sendGoingAway(1);
  expect((await messages.next()).value?.body?.case).toBe("goingAway");
  // The stream does not ask for another one: that one is still on its way.
  const beat = (forMs: number): void => {
    for (let ms = 0; ms < forMs; ms += 1_000) {
      clock.advance(1_000);
      pump.receive({
        $typeName: "leapmux.hub.v1.RelayedWorkerLinkUp",
        body: { case: "heartbeat", value: { $typeName: "leapmux.hub.v1.Heartbeat" } },
      });
    }
  };
  beat(relay.limits.stuckQueueMs - 1_000);
  expect(pump.ended).toBeNull();
  beat(1_000 + relay.limits.heartbeatCheckMs);
  expect(pump.ended).toMatchObject({ reason: "silent" });
  expect(relay.workers.size).toBe(0);
  beat(2_000);
  expect(cuts()).toBe(1);
});

test("whatever ends a link, a stream that hangs in a message does not outlast it for long", async () => {
  const { clock, pump, cuts } = setUp();
  const messages = pump.messages(nothing());
  pump.link.sendGoingAway(1);
  await messages.next();
  pump.link.end({ reason: "replaced", message: "another one came" });
  clock.advance(10_000);
  expect(cuts()).toBe(1);

  const read = setUp();
  const taken = read.pump.messages(nothing());
  read.pump.link.sendGoingAway(1);
  await taken.next();
  const end = taken.next();
  read.pump.link.end({ reason: "replaced", message: "another one came" });
  expect((await end).done).toBe(true);
  read.clock.advance(10_000);
  expect(read.cuts()).toBe(0);
});

async function* nothing(): AsyncGenerator<LinkDownBody> {}
