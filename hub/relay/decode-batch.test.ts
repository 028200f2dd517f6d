import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FrameBatchSchema, FrameSchema } from "@leapmux/proto/hub/v1/frame_pb.ts";
import { ClientLinkDownSchema, ClientLinkUpSchema } from "@leapmux/proto/hub/v1/client_link_pb.ts";
import {
  RelayedClientLinkDownSchema,
  RelayedClientLinkUpSchema,
  RelayedWorkerLinkDownSchema,
  RelayedWorkerLinkUpSchema,
} from "@leapmux/proto/hub/v1/relayed_link_pb.ts";
import { WorkerLinkDownSchema, WorkerLinkUpSchema } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import type { DescMessage } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeBatch, encodeRelayedFrame } from "./decode-batch.ts";
import { encodeBatch, encodeClientFrames } from "./encode-batch.ts";
import { copyRelayedFrame } from "./relayed-frame.ts";

const frame = fc.record({
  channelId: fc.stringMatching(/^[\w-]{1,64}$/),
  correlationId: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  flags: fc.nat({ max: 300 }),
  ciphertext: fc.uint8Array({ maxLength: 300 }),
});
const encode = (frames: object[]): Uint8Array =>
  toBinary(FrameBatchSchema, create(FrameBatchSchema, { frames: frames as never }));

test("reads what protobuf writes, and passes it on byte by byte", () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 8 }), (frames) => {
      const bytes = encode(frames);
      const decoded = decodeBatch(bytes);
      if (!decoded.ok) throw new Error(decoded.reason);
      expect(
        decoded.frames.map(({ channelId, correlationId, flags, ciphertext }) => ({
          channelId,
          correlationId,
          flags,
          ciphertext: new Uint8Array(ciphertext),
        })),
      ).toEqual(frames);
      expect(new Uint8Array(encodeBatch(decoded.frames))).toEqual(bytes);
      expect(new Uint8Array(encodeBatch(decoded.frames.map(copyRelayedFrame)))).toEqual(bytes);
      const { body } = fromBinary(ClientLinkDownSchema, encodeClientFrames(decoded.frames));
      expect(body.case === "frames" && toBinary(FrameBatchSchema, body.value)).toEqual(bytes);
    }),
  );
});

test("what could mean two things leaves as the one thing that it was taken for", () => {
  const plain = toBinary(
    FrameSchema,
    create(FrameSchema, { channelId: "a", ciphertext: new Uint8Array(20) }),
  );
  const unusual = {
    "a field twice": [...plain, 0x0a, 1, 0x62],
    "an unknown field": [...plain, 0x7a, 2, 1, 2],
    "a length in a longer form": [0x0a, 0x81, 0, 0x61],
    "flags in a longer form": [...plain, 0x18, 0x80, 0],
    "flags beyond 28 bits": [...plain, 0x18, 0xff, 0xff, 0xff, 0xff, 0x0f],
  };
  for (const [name, bytes] of Object.entries(unusual)) {
    const batch = new Uint8Array([0x0a, bytes.length, ...bytes]);
    const decoded = decodeBatch(batch);
    if (!decoded.ok) throw new Error(name);
    const [own] = decoded.frames;
    const [expected] = fromBinary(FrameBatchSchema, batch).frames;
    expect(own?.channelId, name).toBe(expected?.channelId);
    expect(own?.flags, name).toBe(expected?.flags);
    const passedOn = fromBinary(FrameBatchSchema, encodeBatch(decoded.frames)).frames[0];
    expect(passedOn?.$unknown, name).toBeUndefined();
    expect(passedOn?.channelId, name).toBe(own?.channelId);
    expect(encodeBatch(decoded.frames), name).not.toEqual(Buffer.from(batch));
  }
});

test("frames without a channel, too long ids and oversize frames are refused", () => {
  expect(decodeBatch(encode([{ flags: 1 }]))).toEqual({ ok: false, reason: "protocol_violation" });
  expect(decodeBatch(encode([{ channelId: "a".repeat(65) }])).ok).toBe(false);
  expect(decodeBatch(encode([{ channelId: "a", ciphertext: new Uint8Array(66_000) }]))).toEqual({
    ok: false,
    reason: "message_too_large",
  });
});

test("random and mutated batches neither throw nor differ from what protobuf reads", () => {
  const check = (bytes: Uint8Array): void => {
    const decoded = decodeBatch(bytes);
    if (!decoded.ok) return;
    const { frames } = fromBinary(FrameBatchSchema, bytes);
    expect(decoded.frames.map((own) => [own.channelId, own.correlationId, own.flags])).toEqual(
      frames.map((other) => [other.channelId, other.correlationId, other.flags]),
    );
    expect(decoded.frames.map((own) => Buffer.from(own.ciphertext))).toEqual(
      frames.map((other) => Buffer.from(other.ciphertext)),
    );
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), check), { numRuns: 5_000 });
  fc.assert(
    fc.property(
      fc.array(frame, { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 }),
      (frames, changes) => {
        const bytes = encode(frames);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        check(bytes);
      },
    ),
    { numRuns: 5_000 },
  );
});

test("close frames of the hub's own making are ordinary frames", () => {
  const made = encodeRelayedFrame({
    channelId: "c",
    correlationId: 0n,
    flags: 2,
    ciphertext: Buffer.from("link_lost"),
  });
  const decoded = decodeBatch(made.encoded);
  expect(decoded).toMatchObject({ ok: true, frames: [{ channelId: "c", flags: 2 }] });
});

test("the relay's view of the links is the links themselves, batches aside", () => {
  const shape = (schema: DescMessage) =>
    schema.fields.map((field) => [
      field.number,
      field.localName,
      field.localName === "frames" ? "batch" : field.message?.typeName,
    ]);
  expect(shape(RelayedClientLinkUpSchema)).toEqual(shape(ClientLinkUpSchema));
  expect(shape(RelayedClientLinkDownSchema)).toEqual(shape(ClientLinkDownSchema));
  expect(shape(RelayedWorkerLinkUpSchema)).toEqual(shape(WorkerLinkUpSchema));
  expect(shape(RelayedWorkerLinkDownSchema)).toEqual(shape(WorkerLinkDownSchema));
});
