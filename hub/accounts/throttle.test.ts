import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { expect, test } from "vitest";
import { makeThrottle } from "./throttle.ts";

const second = 1_000;
const minute = 60 * second;

test("the first failures are free, then the delay doubles up to five minutes", () => {
  const clock = makeManualClock();
  const throttle = makeThrottle({ clock });
  const delays: number[] = [];
  for (let failure = 1; failure <= 14; failure += 1) {
    throttle.failed(["ann"]);
    const delay = throttle.check(["ann"]);
    delays.push(delay / second);
    clock.advance(delay);
    expect(throttle.check(["ann"])).toBe(0);
  }
  expect(delays).toEqual([0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
  expect(throttle.check(["bob"])).toBe(0);
});

test("several keys wait for the slowest of them", () => {
  const throttle = makeThrottle({ clock: makeManualClock(), freeFailures: 0 });
  throttle.failed(["ann", "host"]);
  throttle.failed(["host"]);
  expect(throttle.check(["ann", "host"])).toBe(2 * second);
  expect(throttle.check(["ann"])).toBe(second);
  expect(throttle.check([])).toBe(0);
});

test("success forgets, and so does an hour without failure", () => {
  const clock = makeManualClock();
  const throttle = makeThrottle({ clock, freeFailures: 0 });
  for (let failure = 0; failure < 20; failure += 1) throttle.failed(["ann", "bob"]);
  throttle.succeeded(["ann"]);
  expect([throttle.failures("ann"), throttle.failures("bob")]).toEqual([0, 20]);
  clock.advance(59 * minute);
  expect(throttle.failures("bob")).toBe(20);
  clock.advance(minute);
  expect(throttle.failures("bob")).toBe(0);
  throttle.failed(["bob"]);
  expect(throttle.check(["bob"])).toBe(second);
});

test("one failure can be taken back without forgetting those of others", () => {
  const throttle = makeThrottle({ clock: makeManualClock(), freeFailures: 1 });
  for (let failure = 0; failure < 3; failure += 1) throttle.failed(["host"]);
  throttle.takeBack(["host", "unknown"]);
  expect(throttle.failures("host")).toBe(2);
  expect(throttle.check(["host"])).toBe(0);
  throttle.failed(["host"]);
  expect(throttle.check(["host"])).toBe(2 * second);
});

test("memory is bounded, and what fails all the time is what is kept", () => {
  const throttle = makeThrottle({ clock: makeManualClock(), freeFailures: 0, maxKeys: 100 });
  for (let index = 0; index < 10_000; index += 1) {
    throttle.failed(["host", `name-${index}`]);
  }
  expect(throttle.failures("host")).toBe(10_000);
  expect(throttle.check(["host"])).toBe(5 * minute);
  expect(throttle.failures("name-0")).toBe(0);
  expect(throttle.failures("name-9999")).toBe(1);
});
