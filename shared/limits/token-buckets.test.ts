import { makeManualClock } from "../platform/manual-clock.ts";
import { expect, test } from "vitest";
import { makeTokenBuckets } from "./token-buckets.ts";

function setUp(maxKeys = 10) {
  const clock = makeManualClock();
  return { clock, buckets: makeTokenBuckets({ clock, burst: 3, perMinute: 60, maxKeys }) };
}

test("a burst at once, then one by one, each key for itself", () => {
  const { clock, buckets } = setUp();
  for (let count = 0; count < 3; count++) expect(buckets.take("a")).toBe(0);
  expect(buckets.take("a")).toBe(1_000);
  expect(buckets.take("b")).toBe(0);
  clock.advance(400);
  expect(buckets.take("a")).toBe(600);
  clock.advance(600);
  expect(buckets.take("a")).toBe(0);
  expect(buckets.take("a")).toBe(1_000);
});

test("it fills up to the burst and no further", () => {
  const { clock, buckets } = setUp();
  buckets.take("a");
  clock.advance(3_600_000);
  for (let count = 0; count < 3; count++) expect(buckets.take("a")).toBe(0);
  expect(buckets.take("a")).toBeGreaterThan(0);
});

test("keys with a full bucket are forgotten", () => {
  const { clock, buckets } = setUp();
  buckets.take("a");
  buckets.take("b");
  expect(buckets.size).toBe(2);
  clock.advance(1_000);
  buckets.take("c");
  expect(buckets.size).toBe(1);
});

test("however many keys somebody thinks up, so many are remembered", () => {
  const { buckets } = setUp(2);
  for (const key of ["a", "a", "a", "b", "c"]) buckets.take(key);
  expect(buckets.size).toBe(2);
});

test("what is given back can be taken again", () => {
  const { buckets } = setUp();
  for (let count = 0; count < 3; count++) buckets.take("a");
  buckets.giveBack("a");
  buckets.giveBack("nobody");
  expect(buckets.take("a")).toBe(0);
  expect(buckets.take("a")).toBe(1_000);
});
