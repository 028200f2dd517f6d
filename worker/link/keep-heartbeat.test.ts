import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { expect, test } from "vitest";
import { defaultWorkerLimits } from "../config/worker-limits.ts";
import { keepHeartbeat } from "./keep-heartbeat.ts";

function setUp() {
  const clock = makeManualClock();
  const counts = { beats: 0, deaths: 0 };
  const heartbeat = keepHeartbeat({
    clock,
    limits: defaultWorkerLimits,
    beat: () => (counts.beats += 1),
    dead: () => (counts.deaths += 1),
  });
  return { clock, counts, heartbeat };
}

test("beats when we were silent for 5 s, looking every 2 s", () => {
  const { clock, counts, heartbeat } = setUp();
  clock.advance(4_000);
  heartbeat.heard();
  expect(counts.beats).toBe(0);
  clock.advance(2_000);
  expect(counts.beats).toBe(1);
  heartbeat.sent();
  clock.advance(4_000);
  expect(counts.beats).toBe(1);
  clock.advance(2_000);
  expect(counts.beats).toBe(2);
});

test("a hub that was silent for 10 s is dead, once", () => {
  const { clock, counts, heartbeat } = setUp();
  clock.advance(8_000);
  heartbeat.heard();
  clock.advance(8_000);
  expect(counts.deaths).toBe(0);
  clock.advance(60_000);
  expect(counts.deaths).toBe(1);
  expect(clock.waiting).toBe(0);
});

test("one that was stopped itself hears first and judges at the next check", () => {
  const { clock, counts, heartbeat } = setUp();
  clock.jump(60_000);
  expect(counts).toEqual({ beats: 1, deaths: 0 });
  heartbeat.heard();
  clock.advance(8_000);
  expect(counts.deaths).toBe(0);
  clock.jump(60_000);
  clock.advance(2_000);
  expect(counts.deaths).toBe(1);
});

test("after its end nothing happens", () => {
  const { clock, counts, heartbeat } = setUp();
  heartbeat.stop();
  clock.advance(60_000);
  expect(counts).toEqual({ beats: 0, deaths: 0 });
});
