import { expect, test } from "vitest";
import { makeManualClock } from "../platform/manual-clock.ts";
import { makeReconnectDelay } from "./reconnect-delay.ts";

function make(randomByte: number) {
  const clock = makeManualClock();
  const random = (length: number) => new Uint8Array(length).fill(randomByte);
  return { clock, delay: makeReconnectDelay({ clock, random }) };
}

test("doubles from 1 s to 180 s, within 20 %", () => {
  for (const [randomByte, factor] of [
    [0, 0.8],
    [255, 1.2],
  ] as const) {
    const { delay } = make(randomByte);
    const delays = Array.from({ length: 10 }, () => delay.next());
    const bases = [1, 2, 4, 8, 16, 32, 64, 128, 180, 180];
    expect(delays).toEqual(bases.map((seconds) => Math.round(seconds * 1_000 * factor)));
  }
});

test("starts anew after a link of 30 s, not after a shorter one", () => {
  const { clock, delay } = make(0);
  delay.next();
  delay.next();
  delay.connected();
  clock.advance(29_999);
  expect(delay.next()).toBe(3_200);
  delay.connected();
  clock.advance(30_000);
  expect(delay.next()).toBe(800);
});

test("honours a wait that was asked for, once, and never comes earlier", () => {
  for (const randomByte of [0, 100, 255]) {
    const { delay } = make(randomByte);
    delay.goingAway(5_000);
    const asked = delay.next();
    expect(asked).toBeGreaterThanOrEqual(5_000);
    expect(asked).toBeLessThanOrEqual(6_000);
    expect(delay.next()).toBeLessThanOrEqual(1_200);
  }
  const { delay } = make(0);
  delay.goingAway(2 ** 31);
  expect(delay.next()).toBeLessThanOrEqual(180_000 * 1.2);
});

test("reset starts anew at once", () => {
  const { delay } = make(0);
  delay.next();
  delay.next();
  delay.reset();
  expect(delay.next()).toBe(800);
});
