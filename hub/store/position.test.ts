import fc from "fast-check";
import { expect, test } from "vitest";
import {
  comparePositions,
  maxPositionLength,
  positionBetween,
  spreadPositions,
} from "./position.ts";

test("any row of insertions keeps the order", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 120 }), (places) => {
      const row: string[] = [];
      for (const place of places) {
        const index = place % (row.length + 1);
        row.splice(index, 0, positionBetween(row[index - 1] ?? null, row[index] ?? null));
      }
      expect([...row].sort(comparePositions)).toEqual(row);
      expect(new Set(row).size).toBe(row.length);
      // Room before every one of them.
      expect(row.filter((position) => position.endsWith("0"))).toEqual([]);
    }),
  );
});

test("appending a hundred times stays short", () => {
  let last: string | null = null;
  for (let count = 0; count < 100; count += 1) last = positionBetween(last, null);
  expect(last?.length).toBeLessThanOrEqual(4);
});

test("halving one gap for ever grows without bound, which is why places are renumbered", () => {
  const low = positionBetween(null, null);
  let high: string | null = null;
  let longest = 0;
  for (let count = 0; count < 400; count += 1) {
    high = positionBetween(low, high);
    longest = Math.max(longest, high.length);
  }
  expect(longest).toBeGreaterThan(maxPositionLength);
});

test("spread positions are in order, different and short", () => {
  for (const count of [0, 1, 2, 61, 62, 63, 100, 5000]) {
    const spread = spreadPositions(count);
    expect(spread).toHaveLength(count);
    expect([...spread].sort(comparePositions)).toEqual(spread);
    expect(new Set(spread).size).toBe(count);
    expect(spread.every((position) => /^[0-9A-Za-z]*[1-9A-Za-z]$/.test(position))).toBe(true);
    expect(Math.max(0, ...spread.map((position) => position.length))).toBeLessThanOrEqual(3);
  }
});
