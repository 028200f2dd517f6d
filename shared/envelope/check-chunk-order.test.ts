import fc from "fast-check";
import { expect, test } from "vitest";
import { leastMaxMessageBytes, maxCiphertextBytes, tagBytes } from "../limits/limits.ts";
import { makeChunkOrderCheck } from "./check-chunk-order.ts";
import { flagClose, flagLast, flagMore, type Frame } from "./frame.ts";

function frame(flags: number, ciphertextBytes: number, correlationId = 1n): Frame {
  const ciphertext = new Uint8Array(ciphertextBytes);
  return { channelId: "channel", correlationId, flags, ciphertext };
}

const refused = (reason: string) => ({ ok: false, reason });
const ok = { ok: true };

test("messages one after the other, of one chunk or many, pass", () => {
  const check = makeChunkOrderCheck({ maxMessageBytes: leastMaxMessageBytes });
  for (const [flags, correlationId] of [
    [flagLast, 1n],
    [flagMore, 2n],
    [flagMore, 2n],
    [flagLast, 2n],
    [flagMore, 1n],
    [flagLast, 1n],
  ] as const) {
    expect(check.accept(frame(flags, 100, correlationId))).toEqual(ok);
  }
});

test("a chunk of another message in between is refused, and everything after it", () => {
  const check = makeChunkOrderCheck({ maxMessageBytes: leastMaxMessageBytes });
  check.accept(frame(flagMore, 100, 1n));
  expect(check.accept(frame(flagLast, 100, 2n))).toEqual(refused("interleaved_chunks"));
  expect(check.accept(frame(flagLast, 100, 1n))).toEqual(refused("interleaved_chunks"));
});

test("flags that this version does not know are refused", () => {
  for (const flags of [3, 4, 128, 255, 256, -1]) {
    const check = makeChunkOrderCheck({ maxMessageBytes: leastMaxMessageBytes });
    expect(check.accept(frame(flags, 100))).toEqual(refused("protocol_violation"));
  }
});

test("sizes of one frame, off by one", () => {
  const accept = (bytes: number) =>
    makeChunkOrderCheck({ maxMessageBytes: 2 * maxCiphertextBytes }).accept(frame(flagLast, bytes));
  expect(accept(tagBytes - 1)).toEqual(refused("protocol_violation"));
  expect(accept(tagBytes)).toEqual(ok);
  expect(accept(maxCiphertextBytes)).toEqual(ok);
  expect(accept(maxCiphertextBytes + 1)).toEqual(refused("message_too_large"));
});

test("sizes of one message, off by one, tags not counted", () => {
  const maxMessageBytes = leastMaxMessageBytes;
  for (const [lastBytes, result] of [
    [maxMessageBytes - 60_000, ok],
    [maxMessageBytes - 60_000 + 1, refused("message_too_large")],
  ] as const) {
    const check = makeChunkOrderCheck({ maxMessageBytes });
    expect(check.accept(frame(flagMore, 60_000 + tagBytes))).toEqual(ok);
    expect(check.accept(frame(flagLast, lastBytes + tagBytes))).toEqual(result);
  }
});

test("a finished message does not count towards the next", () => {
  const check = makeChunkOrderCheck({ maxMessageBytes: leastMaxMessageBytes });
  for (let i = 0; i < 10; i += 1) {
    expect(check.accept(frame(flagLast, maxCiphertextBytes))).toEqual(ok);
  }
});

test("a close frame may come at any time, but is short", () => {
  const check = makeChunkOrderCheck({ maxMessageBytes: leastMaxMessageBytes });
  check.accept(frame(flagMore, 100, 1n));
  expect(check.accept(frame(flagClose, 0, 0n))).toEqual(ok);
  expect(check.accept(frame(flagClose, 64, 0n))).toEqual(ok);
  expect(check.accept(frame(flagClose, 65, 0n))).toEqual(refused("protocol_violation"));
});

test("property: what it lets through is whole messages within the limit", () => {
  const frames = fc.array(
    fc.record({
      flags: fc.integer({ min: 0, max: 3 }),
      bytes: fc.integer({ min: 0, max: 70_000 }),
      correlationId: fc.bigInt({ min: 0n, max: 2n }),
    }),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(frames, (sent) => {
      const maxMessageBytes = 100_000;
      const check = makeChunkOrderCheck({ maxMessageBytes });
      let open: bigint | null = null;
      let length = 0;
      for (const { flags, bytes, correlationId } of sent) {
        if (!check.accept(frame(flags, bytes, correlationId)).ok) return;
        if (flags === flagClose) continue;
        expect(open === null || open === correlationId).toBe(true);
        length += bytes - tagBytes;
        expect(length).toBeLessThanOrEqual(maxMessageBytes);
        open = flags === flagMore ? correlationId : null;
        if (open === null) length = 0;
      }
    }),
  );
});
