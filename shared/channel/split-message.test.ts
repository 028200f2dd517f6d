import fc from "fast-check";
import { expect, test } from "vitest";
import { flagLast, flagMore } from "../envelope/frame.ts";
import { maxChunkBytes } from "../limits/limits.ts";
import { makeMessageJoiner } from "./join-message.ts";
import { splitMessage } from "./split-message.ts";

function split(message: Uint8Array): [number, Uint8Array][] {
  const chunks: [number, Uint8Array][] = [];
  splitMessage(message, (flags, chunk) => chunks.push([flags, chunk]) > 0);
  return chunks;
}

test("sizes around the chunk limit", () => {
  for (const [size, chunks] of [
    [0, [0]],
    [1, [1]],
    [maxChunkBytes, [maxChunkBytes]],
    [maxChunkBytes + 1, [maxChunkBytes, 1]],
    [2 * maxChunkBytes, [maxChunkBytes, maxChunkBytes]],
    [2 * maxChunkBytes + 1, [maxChunkBytes, maxChunkBytes, 1]],
  ] as const) {
    const parts = split(new Uint8Array(size));
    expect(parts.map(([, chunk]) => chunk.length)).toEqual(chunks);
    const flags = parts.map(([flag]) => flag);
    expect(flags.pop()).toBe(flagLast);
    expect(flags.every((flag) => flag === flagMore)).toBe(true);
  }
});

test("stops where sending stops", () => {
  let sent = 0;
  const isThrough = splitMessage(new Uint8Array(5 * maxChunkBytes), () => ++sent < 2);
  expect([isThrough, sent]).toEqual([false, 2]);
});

test("property: any chunking gives back the message", () => {
  const message = fc.uint8Array({ maxLength: 5_000 });
  const cuts = fc.array(fc.nat(5_000), { maxLength: 10 });
  fc.assert(
    fc.property(fc.array(fc.tuple(message, cuts), { maxLength: 5 }), (messages) => {
      const joiner = makeMessageJoiner();
      for (const [bytes, at] of messages) {
        let start = 0;
        for (const cut of at.sort((a, b) => a - b)) {
          const end = Math.min(cut, bytes.length);
          expect(joiner.accept(flagMore, bytes.subarray(start, end))).toBeNull();
          start = end;
        }
        expect(joiner.accept(flagLast, bytes.subarray(start))).toEqual(bytes);
      }
    }),
  );
});

test("property: splitting and joining gives back the message", () => {
  fc.assert(
    fc.property(fc.nat(4 * maxChunkBytes), fc.nat(255), (size, value) => {
      const bytes = new Uint8Array(size).fill(value);
      const joiner = makeMessageJoiner();
      const results = split(bytes).map(([flags, chunk]) => joiner.accept(flags, chunk));
      const whole = results.pop();
      expect(results.every((result) => result === null)).toBe(true);
      expect(whole?.length).toBe(size);
      expect(whole?.every((byte) => byte === value)).toBe(true);
    }),
    { numRuns: 20 },
  );
});
