import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { MessageSchema } from "@leapmux/proto/sealed/v1/message_pb.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { maxEnvelopeBytes } from "../limits/limits.ts";
import { decodeMessage } from "./decode-message.ts";
import { encodeMessage } from "./encode-message.ts";
import { measureEnvelope } from "./measure-envelope.ts";

test("data has the same bytes on the short way as on the long one", () => {
  for (const length of [0, 1, 127, 128, 16_383, 16_384, 65_519, 2_097_151, 2_097_152]) {
    const value = new Uint8Array(length).fill(3);
    const body = { case: "data", value } as const;
    const long = toBinary(MessageSchema, create(MessageSchema, { body }));
    expect(encodeMessage(body)).toEqual(long);
    expect(decodeMessage(long)).toEqual({ ok: true, body });
  }
});

test("property: every message comes back", () => {
  const bodies = fc.oneof(
    fc.record({ case: fc.constant("data" as const), value: fc.uint8Array() }),
    fc.record({
      case: fc.constant("credit" as const),
      value: fc.record({ bytes: fc.nat(0xffffffff) }),
    }),
    fc.record({
      case: fc.constant("ping" as const),
      value: fc.record({ nonce: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
    }),
    fc.record({
      case: fc.constant("callStart" as const),
      value: fc.record({
        method: fc.string(),
        timeoutMs: fc.nat(0xffffffff),
        halfClose: fc.boolean(),
        data: fc.uint8Array(),
        headers: fc.array(fc.record({ name: fc.string(), value: fc.string() })),
      }),
    }),
  );
  fc.assert(
    fc.property(bodies, (body) => {
      const decoded = decodeMessage(encodeMessage(body));
      expect(decoded.ok && decoded.body).toMatchObject(body);
    }),
  );
});

test("unknown fields are ignored, messages that say nothing known are refused", () => {
  const future = new BinaryWriter().tag(2_000, WireType.LengthDelimited).string("later").finish();
  const ping = encodeMessage({ case: "ping", value: { nonce: 5n } });
  const both = new Uint8Array([...ping, ...future]);
  expect(decodeMessage(both)).toMatchObject({ ok: true, body: { case: "ping" } });
  const data = encodeMessage({ case: "data", value: Uint8Array.of(1, 2, 3) });
  expect(decodeMessage(new Uint8Array([...data, ...future]))).toEqual({
    ok: true,
    body: { case: "data", value: Uint8Array.of(1, 2, 3) },
  });
  const refused = { ok: false, reason: "protocol_violation" };
  expect(decodeMessage(future)).toEqual(refused);
  expect(decodeMessage(new Uint8Array(0))).toEqual(refused);
});

test("a length beyond the end is refused", () => {
  const data = encodeMessage({ case: "data", value: new Uint8Array(300) });
  expect(decodeMessage(data.subarray(0, -1))).toEqual({ ok: false, reason: "protocol_violation" });
});

test("property: random and mutated bytes are refused or decoded, never thrown at", () => {
  const real = encodeMessage({
    case: "callStart",
    value: { method: "a/b", data: new Uint8Array(40), headers: [{ name: "a", value: "b" }] },
  });
  const mutated = fc.array(fc.tuple(fc.nat(real.length - 1), fc.nat(255)), { maxLength: 5 });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), (input) => {
      let bytes: Uint8Array = real.slice();
      if (input instanceof Uint8Array) bytes = input;
      else for (const [at, value] of input) bytes[at] = value;
      expect(typeof decodeMessage(bytes).ok).toBe("boolean");
    }),
    { numRuns: 2_000 },
  );
});

test("property: the envelope is all but the data, wherever the data stands", () => {
  const value = fc.record({
    method: fc.string(),
    timeoutMs: fc.nat(0xffffffff),
    halfClose: fc.boolean(),
    data: fc.uint8Array({ maxLength: 300 }),
    headers: fc.array(fc.record({ name: fc.string(), value: fc.string() })),
  });
  fc.assert(
    fc.property(value, (start) => {
      const message = encodeMessage({ case: "callStart", value: start });
      expect(measureEnvelope(message)).toBe(message.length - start.data.length);
      const data = encodeMessage({ case: "data", value: start.data });
      expect(measureEnvelope(data)).toBe(data.length - start.data.length);
      expect(measureEnvelope(message.subarray(0, -1))).toBe(Infinity);
    }),
  );
  fc.assert(fc.property(fc.uint8Array(), (bytes) => measureEnvelope(bytes) >= 0));
});

test("what would decode to many times its size is refused, data of any size is not", () => {
  const refused = { ok: false, reason: "protocol_violation" };
  /** As many empty entries of a repeated field as fit into one message: `tag, 0, tag, 0, …`. */
  const bomb = (field: number, entryTag: number) => {
    const entries = Uint8Array.from({ length: 1024 * 1024 }, (_, at) => (at % 2 ? 0 : entryTag));
    return new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(entries).finish();
  };
  const grants = bomb(1, 0x22);
  const headers = bomb(16, 0x1a);
  const trailers = bomb(18, 0x22);
  const emptyData = bomb(16, 0x22);
  const unknown = new Uint8Array(1024 * 1024).fill(0x0b);
  for (const bytes of [grants, headers, trailers, emptyData, unknown]) {
    expect(decodeMessage(bytes)).toEqual(refused);
  }
  for (const size of [maxEnvelopeBytes, 1024 * 1024]) {
    const data = new Uint8Array(size).fill(7);
    const value = { method: "a/b", data, headers: [{ name: "a", value: "b" }] };
    const decoded = decodeMessage(encodeMessage({ case: "callStart", value }));
    expect(decoded.ok && decoded.body).toMatchObject({ case: "callStart", value });
  }
});
