import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { flagClose, flagLast, flagMore, type Frame } from "../envelope/frame.ts";
import { closeReasons } from "../errors/close-reason.ts";
import {
  leastMaxMessageBytes,
  maxChunkBytes,
  maxCiphertextBytes,
  rekeyAgeMs,
} from "../limits/limits.ts";
import { encodeMessage } from "../wire/encode-message.ts";
import { makeTestChannel, type TestChannel } from "./test-channel.ts";
import { makeRawClient } from "./test-raw-client.ts";

const message = (value: number, size = 3) =>
  encodeMessage({ case: "data", value: new Uint8Array(size).fill(value) });

/** An open channel with three messages under way to the worker, which notes what reaches it. */
async function makeUnderWay() {
  const channel = await makeTestChannel();
  channel.settle();
  await channel.initiator.opened;
  const executed: number[] = [];
  channel.responder.pipe.onMessage((_id, bytes) => executed.push(bytes.at(-1) ?? -1));
  for (const value of [1, 2, 3]) {
    channel.initiator.pipe.send(BigInt(value), message(value, value === 2 ? 100_000 : 3));
  }
  return { channel, executed };
}

describe("what a relay may try, on the way to the worker", () => {
  type Tamper = (frames: Frame[]) => void;
  const replace = (frames: Frame[], at: number, change: Partial<Frame>) => {
    const frame = frames[at];
    if (frame) frames[at] = { ...frame, ...change };
  };
  const cases: [string, Tamper, string, number[]][] = [
    ["drop the first", (f) => f.splice(0, 1), "decrypt_failed", []],
    ["drop one in the middle", (f) => f.splice(1, 1), "decrypt_failed", [1]],
    ["replay", (f) => f.splice(1, 0, ...f.slice(0, 1)), "decrypt_failed", [1]],
    ["reorder", (f) => f.reverse(), "decrypt_failed", []],
    [
      "re-label the correlation id",
      (f) => replace(f, 0, { correlationId: 9n }),
      "decrypt_failed",
      [],
    ],
    [
      "call the last chunk one of more",
      (f) => replace(f, 0, { flags: flagMore }),
      "decrypt_failed",
      [],
    ],
    ["call a chunk the last", (f) => replace(f, 1, { flags: flagLast }), "decrypt_failed", [1]],
    ["flags of the future", (f) => replace(f, 0, { flags: 3 }), "protocol_violation", []],
    [
      "truncate",
      (f) => replace(f, 0, { ciphertext: f[0]?.ciphertext.slice(0, -1) ?? new Uint8Array(0) }),
      "decrypt_failed",
      [],
    ],
    ["empty", (f) => replace(f, 0, { ciphertext: new Uint8Array(15) }), "protocol_violation", []],
    [
      "oversize",
      (f) => replace(f, 0, { ciphertext: new Uint8Array(maxCiphertextBytes + 1) }),
      "message_too_large",
      [],
    ],
    ["interleave", (f) => f.splice(2, 0, ...f.splice(3, 1)), "interleaved_chunks", [1]],
    ["swap the channel", (f) => replace(f, 0, { channelId: "another" }), "protocol_violation", []],
  ];
  test.each(cases)("%s: %s", async (_name, change, reason, before) => {
    const { channel, executed } = await makeUnderWay();
    change(channel.toWorker);
    channel.settle();
    expect(channel.closed).toEqual({ client: reason, worker: reason });
    expect(executed).toEqual(before);
    channel.initiator.pipe.send(9n, message(9));
    channel.responder.pipe.send(9n, message(9));
    expect([channel.toWorker, channel.toClient]).toEqual([[], []]);
  });

  test("a frame of another channel", async () => {
    const { channel } = await makeUnderWay();
    const other = await makeTestChannel({ seed: 99 });
    other.settle();
    other.initiator.pipe.send(1n, message(1));
    const frame = other.toWorker[0];
    if (frame) channel.toWorker.unshift(frame);
    channel.settle();
    expect(channel.closed.worker).toBe("decrypt_failed");
  });

  test("a close frame of its own only closes, and its reason is one that exists", async () => {
    const { channel, executed } = await makeUnderWay();
    const close = (text: string) => ({
      channelId: "channel",
      correlationId: 2n,
      flags: flagClose,
      ciphertext: new TextEncoder().encode(text),
    });
    channel.toWorker.splice(1, 0, close("rm -rf"));
    channel.settle();
    expect(channel.closed.worker).toBe("protocol_violation");
    expect(executed).toEqual([1]);
    const other = await makeUnderWay();
    other.channel.toWorker.splice(2, 0, close("credential_revoked"));
    other.channel.settle();
    expect(other.channel.closed.worker).toBe("credential_revoked");
    expect(other.executed).toEqual([1]);
  });
});

describe("what a client may try", () => {
  test("chunks and messages that are too large, off by one", async () => {
    const maxMessageBytes = leastMaxMessageBytes;
    const seal = async (sizes: number[]) => {
      const raw = await makeRawClient({ maxMessageBytes });
      raw.claim();
      const executed: number[] = [];
      raw.responder.pipe.onMessage((_id, bytes) => executed.push(bytes.length));
      const last = sizes.length - 1;
      const answers = sizes.flatMap((size, i) =>
        raw.sendChunk(1n, i === last ? flagLast : flagMore, new Uint8Array(size)),
      );
      return { answers, executed };
    };
    const tooLarge = { answers: [{ close: "message_too_large" }], executed: [] };
    expect(await seal([maxChunkBytes])).toEqual({ answers: [], executed: [maxChunkBytes] });
    expect(await seal([maxChunkBytes + 1])).toEqual(tooLarge);
    const rest = maxMessageBytes - maxChunkBytes;
    expect(await seal([maxChunkBytes, rest])).toEqual({ answers: [], executed: [maxMessageBytes] });
    expect(await seal([maxChunkBytes, rest + 1])).toEqual(tooLarge);
  });

  test("its own interleaving, sealed all right", async () => {
    const raw = await makeRawClient();
    raw.claim();
    raw.sendChunk(1n, flagMore, new Uint8Array(5));
    expect(raw.sendChunk(2n, flagLast, new Uint8Array(5))).toEqual([
      { close: "interleaved_chunks" },
    ]);
  });

  test("bytes that are no message of the channel", async () => {
    const raw = await makeRawClient();
    raw.claim();
    expect(raw.sendChunk(0n, flagLast, Uint8Array.of(0xff))).toEqual([
      { close: "protocol_violation" },
    ]);
  });
});

/**
 * Both ends talk, rekey and close at random while the relay between them does what it likes. Each end must
 * have received a prefix of what the other sent, and once anything was touched, nothing after it.
 */
test("property: never twice, never out of order, and always a named end", async () => {
  const step = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant("say" as const),
        from: fc.nat(1),
        size: fc.constantFrom(0, 5, 5, 5, 70_000),
      }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant("deliver" as const),
        from: fc.nat(1),
        count: fc.nat(4),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("rekey" as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constantFrom("drop", "replay", "swap", "flip", "relabel", "reflag"),
        from: fc.nat(1),
        at: fc.nat(6),
      }),
    },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const channel: TestChannel = await makeTestChannel();
      const sent: [number[], number[]] = [[], []];
      const got: [number[], number[]] = [[], []];
      let tampered = false;
      const wires = [channel.toWorker, channel.toClient];
      const ends = [channel.initiator, channel.responder];
      channel.responder.pipe.onMessage((_id, bytes) => got[0].push(bytes.at(-1) ?? -1));
      channel.initiator.pipe.onMessage((_id, bytes) => got[1].push(bytes.at(-1) ?? -1));
      channel.settle();
      for (const each of steps) {
        if (each.do === "say") {
          const side = each.from === 0 ? 0 : 1;
          const value = sent[side].length % 251;
          if (channel.closed[side === 0 ? "client" : "worker"] === null) {
            sent[side].push(value);
            ends[side]?.pipe.send(BigInt(value % 3) + 1n, message(value, each.size + 1));
          }
        } else if (each.do === "deliver") {
          for (const frame of wires[each.from]?.splice(0, each.count) ?? []) {
            ends[1 - each.from]?.acceptFrame(frame);
          }
        } else if (each.do === "rekey") {
          channel.clock.advance(rekeyAgeMs / 2);
        } else {
          tampered = tamper(wires[each.from] ?? [], each.do, each.at) || tampered;
        }
      }
      channel.settle();
      for (const side of [0, 1] as const) {
        expect(got[side]).toEqual(sent[side].slice(0, got[side].length));
      }
      const { client, worker } = channel.closed;
      if (!tampered && client === null && worker === null) expect(got).toEqual(sent);
      expect(client === null).toBe(worker === null);
      if (client !== null) expect(closeReasons).toContain(client);
      if (!tampered && client !== null) expect(client).toBe("key_too_old");
    }),
    { numRuns: 100 },
  );
});

/** True where something was changed that an end will notice. */
function tamper(wire: Frame[], how: string, at: number): boolean {
  const frame = wire[at];
  if (!frame || frame.flags === flagClose) return false;
  const next = wire[at + 1];
  if (how === "drop") wire.splice(at, 1);
  else if (how === "replay") wire.splice(at, 0, frame);
  else if (how === "swap" && next) wire.splice(at, 2, next, frame);
  else if (how === "flip") {
    const ciphertext = frame.ciphertext.slice();
    ciphertext[at] = (ciphertext[at] ?? 0) ^ 0x40;
    wire[at] = { ...frame, ciphertext };
  } else if (how === "relabel") wire[at] = { ...frame, correlationId: frame.correlationId ^ 1n };
  else if (how === "reflag") wire[at] = { ...frame, flags: frame.flags ^ 1 };
  else return false;
  return true;
}
