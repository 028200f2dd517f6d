import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { expect, test } from "vitest";
import { makeShortLived } from "./short-lived.ts";

test("it lives for five minutes and is taken once", () => {
  const clock = makeManualClock();
  const waiting = makeShortLived<number>(clock, { maxEntries: 10 });
  waiting.put("a", 1);
  waiting.put("b", 2);
  expect(waiting.get("a")).toBe(1);
  expect(waiting.take("a")).toBe(1);
  expect(waiting.take("a")).toBeUndefined();
  clock.advance(5 * 60_000 - 1);
  expect(waiting.get("b")).toBe(2);
  clock.advance(1);
  expect(waiting.get("b")).toBeUndefined();
  expect(waiting.take("b")).toBeUndefined();
});

test("the oldest makes room, and what is put again counts as new", () => {
  const waiting = makeShortLived<number>(makeManualClock(), { maxEntries: 2 });
  waiting.put("a", 1);
  waiting.put("b", 2);
  waiting.put("a", 3);
  waiting.put("c", 4);
  expect(["a", "b", "c"].map((key) => waiting.get(key))).toEqual([3, undefined, 4]);
});
