import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type InputPart,
  makeInputTracker,
  maxInputPartBytes,
  maxUnconfirmedBytes,
} from "./track-input.ts";

const bytes = (length: number, from = 0) =>
  Uint8Array.from({ length }, (_, i) => (from + i) & 0xff);

function join(parts: readonly InputPart[]): number[] {
  let next = parts[0]?.offset ?? 0n;
  for (const { offset, data } of parts) {
    expect(offset).toBe(next);
    next += BigInt(data.length);
  }
  return parts.flatMap(({ data }) => [...data]);
}

describe("makeInputTracker", () => {
  it("cuts large input into parts that follow each other", () => {
    const parts = makeInputTracker().take(bytes(3 * maxInputPartBytes + 1))!;
    expect(parts).toHaveLength(4);
    expect(join(parts)).toEqual([...bytes(3 * maxInputPartBytes + 1)]);
  });

  it("refuses more than may wait for confirmation, and keeps nothing of it", () => {
    const input = makeInputTracker();
    expect(input.take(bytes(maxUnconfirmedBytes))).not.toBeNull();
    expect(input.take(bytes(1))).toBeNull();
    expect(input.end).toBe(BigInt(maxUnconfirmedBytes));
    expect(input.confirm(1n)).toBe(true);
    expect(input.take(bytes(1))).not.toBeNull();
  });

  it("knows a confirmation that cannot be", () => {
    const input = makeInputTracker();
    input.take(bytes(5));
    expect(input.confirm(6n)).toBe(false);
    expect(input.resume(6n)).toBeNull();
    expect(input.confirm(4n)).toBe(true);
    // An older one is late, not wrong; resuming there would need what is gone.
    expect(input.confirm(2n)).toBe(true);
    expect(input.resume(2n)).toBeNull();
  });

  it("sends again exactly what was not confirmed, whatever came when", () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant("take" as const),
        length: fc.integer({ min: 1, max: 40_000 }),
      }),
      fc.record({
        kind: fc.constant("confirm" as const),
        part: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      fc.record({
        kind: fc.constant("resume" as const),
        part: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const input = makeInputTracker();
        const all: number[] = [];
        let confirmed = 0;
        for (const it of steps) {
          if (it.kind === "take") {
            const data = bytes(it.length, all.length);
            if (input.take(data)) all.push(...data);
            continue;
          }
          confirmed += Math.floor(it.part * (all.length - confirmed));
          if (it.kind === "confirm") {
            expect(input.confirm(BigInt(confirmed))).toBe(true);
          } else {
            const parts = input.resume(BigInt(confirmed))!;
            if (parts.length > 0) expect(parts[0]!.offset).toBe(BigInt(confirmed));
            expect(join(parts)).toEqual(all.slice(confirmed));
          }
        }
        expect(input.end).toBe(BigInt(all.length));
      }),
      { numRuns: 25 },
    );
  });
});
