import { describe, expect, test } from "vitest";
import {
  hardNonceLimit,
  leastRekeyIntervalMs,
  maxKeyAgeMs,
  rekeyAgeMs,
  softNonceLimit,
} from "../limits/limits.ts";
import { noblePrimitives as primitives } from "../noise/noble-primitives.ts";
import { startRekey } from "../noise/rekey.ts";
import { makeManualClock } from "../platform/manual-clock.ts";
import { encodeMessage } from "../wire/encode-message.ts";
import { makeTestRandom } from "../noise/test-random.ts";
import { makeTestChannel, type TestChannel } from "./test-channel.ts";
import { makeRawClient } from "./test-raw-client.ts";

const message = (size: number, value = 0) =>
  encodeMessage({ case: "data", value: new Uint8Array(size).fill(value) });

async function openChannel(options: Parameters<typeof makeTestChannel>[0] = {}) {
  const channel = await makeTestChannel(options);
  channel.settle();
  expect(await channel.initiator.opened).toEqual({ ok: true });
  return channel;
}

/** Messages both ways arrive. */
function expectTraffic(channel: TestChannel): void {
  let worker = 0;
  let client = 0;
  channel.responder.pipe.onMessage(() => (worker += 1));
  channel.initiator.pipe.onMessage(() => (client += 1));
  channel.initiator.pipe.send(1n, message(100_000));
  channel.responder.pipe.send(1n, message(100_000));
  channel.settle();
  expect([worker, client]).toEqual([1, 1]);
  expect(channel.closed).toEqual({ client: null, worker: null });
}

describe("by age", () => {
  test("the client asks after an hour, and again after each further one", async () => {
    let rekeyed = 0;
    const channel = await openChannel({ initiator: { onRekeyed: () => (rekeyed += 1) } });
    channel.clock.advance(rekeyAgeMs - 1);
    expect(channel.toWorker).toEqual([]);
    channel.clock.advance(1);
    for (let hour = 1; hour <= 3; hour += 1) {
      channel.settle();
      expect(channel.initiator.status()).toMatchObject({ keyAgeMs: 0, rekeyCount: hour });
      expectTraffic(channel);
      channel.clock.advance(rekeyAgeMs);
    }
    expect(rekeyed).toBe(3);
    expect(channel.closed).toEqual({ client: null, worker: null });
  });

  test("without an answer both ends close at 70 min", async () => {
    const channel = await openChannel();
    channel.clock.advance(maxKeyAgeMs - 1);
    expect(channel.closed).toEqual({ client: null, worker: null });
    channel.clock.advance(1);
    expect(channel.closed).toEqual({ client: "key_too_old", worker: "key_too_old" });
  });

  test("a rekey whose commit never comes keeps the old receiving key, and that closes", async () => {
    const channel = await openChannel();
    channel.clock.advance(rekeyAgeMs);
    const request = channel.toWorker.shift();
    if (request) channel.responder.acceptFrame(request);
    channel.toClient.length = 0;
    channel.clock.advance(maxKeyAgeMs - rekeyAgeMs);
    expect(channel.closed.worker).toBe("key_too_old");
  });
});

describe("what the worker answers", () => {
  /** A client that asks when it likes: the timers of a real one, with a clock of its own. */
  async function makeImpatient() {
    const clock = makeManualClock();
    const channel = await openChannel({ initiator: { clock } });
    const ask = () => {
      clock.advance(rekeyAgeMs);
      channel.settle();
      return channel.initiator.status().rekeyCount;
    };
    return { channel, clock, ask };
  }

  test("the one at opening and one per 50 minutes", async () => {
    const { channel, clock, ask } = await makeImpatient();
    expect(ask()).toBe(1);
    expect(ask()).toBe(2);
    // The refusal tells how long to wait, and the client asks again after just that.
    const waitMs = 5 * 60_000;
    channel.clock.advance(leastRekeyIntervalMs - waitMs);
    expect(ask()).toBe(2);
    expectTraffic(channel);
    channel.clock.advance(waitMs);
    clock.advance(waitMs - 1);
    channel.settle();
    expect(channel.initiator.status().rekeyCount).toBe(2);
    clock.advance(1);
    channel.settle();
    expect(channel.initiator.status().rekeyCount).toBe(3);
    expectTraffic(channel);
  });

  test("a request before the commit of the last one is a violation", async () => {
    const raw = await makeRawClient();
    raw.claim();
    const ask = () => {
      const { ePub } = startRekey({ primitives, random: makeTestRandom(5), mode: "classic" });
      return raw.exchange(0n, { case: "rekeyRequest", value: { ePub: ePub.slice() } });
    };
    expect(ask()).toMatchObject([{ case: "rekeyAck" }]);
    expect(ask()).toEqual([{ close: "protocol_violation" }]);
  });
});

describe("by nonce", () => {
  test("the client asks once a counter is over the soft limit, however young the keys", async () => {
    for (const [client, worker] of [
      [
        { send: softNonceLimit - 3, receive: 0 },
        { send: 0, receive: softNonceLimit - 3 },
      ],
      [
        { send: 0, receive: softNonceLimit - 3 },
        { send: softNonceLimit - 3, receive: 0 },
      ],
    ] as const) {
      const channel = await openChannel({
        initiator: { firstNonces: client },
        responder: { firstNonces: worker },
      });
      expect(channel.initiator.status().rekeyCount).toBe(0);
      expectTraffic(channel);
      expect(channel.initiator.status().rekeyCount).toBe(1);
      expectTraffic(channel);
      expect(channel.initiator.status().rekeyCount).toBe(1);
    }
  });

  test("at the hard limit the channel closes", async () => {
    const start = { firstNonces: { send: hardNonceLimit - 4, receive: hardNonceLimit - 4 } };
    const channel = await makeTestChannel({ initiator: start, responder: start });
    channel.responder.pipe.send(1n, message(1));
    channel.responder.pipe.send(1n, message(1));
    channel.responder.pipe.send(1n, message(1));
    channel.responder.pipe.send(1n, message(1));
    expect(channel.closed.worker).toBeNull();
    channel.responder.pipe.send(1n, message(1));
    expect(channel.closed.worker).toBe("nonce_exhausted");
  });
});

test("streams under load survive: nothing is lost, doubled or out of order", async () => {
  const channel = await openChannel();
  const got: { worker: number[]; client: number[] } = { worker: [], client: [] };
  channel.responder.pipe.onMessage((_id, bytes) => got.worker.push(bytes[bytes.length - 1] ?? -1));
  channel.initiator.pipe.onMessage((_id, bytes) => got.client.push(bytes[bytes.length - 1] ?? -1));
  const deliverOne = (
    from: TestChannel["toWorker"],
    accept: typeof channel.initiator.acceptFrame,
  ) => {
    const frame = from.shift();
    if (frame) accept(frame);
  };
  for (let i = 0; i < 200; i += 1) {
    if (i === 50) channel.clock.advance(rekeyAgeMs);
    channel.initiator.pipe.send(BigInt(1 + (i % 3)), message(i % 7 === 0 ? 150_000 : 50, i));
    channel.responder.pipe.send(BigInt(1 + (i % 3)), message(i % 5 === 0 ? 150_000 : 50, i));
    // Both directions always lag behind, by different amounts.
    deliverOne(channel.toWorker, channel.responder.acceptFrame);
    if (i % 2 === 0) deliverOne(channel.toClient, channel.initiator.acceptFrame);
  }
  channel.settle();
  const all = Array.from({ length: 200 }, (_, i) => i);
  expect(got).toEqual({ worker: all, client: all });
  expect(channel.initiator.status().rekeyCount).toBe(1);
});
