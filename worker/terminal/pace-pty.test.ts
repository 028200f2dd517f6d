import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { expect, test } from "vitest";
import { makePtyPacer, pacing } from "./pace-pty.ts";

function makeView(lag = 0) {
  const view = { lag, lagBytes: () => view.lag };
  return view;
}

function setUp() {
  const clock = makeManualClock();
  const state = { backlog: 0, paused: false };
  const pacer = makePtyPacer({
    clock,
    backlogBytes: () => state.backlog,
    pause: () => (state.paused = true),
    resume: () => (state.paused = false),
  });
  return { clock, state, pacer };
}

test("the PTY waits for a view beyond the high mark until it is within the low one", () => {
  const { state, pacer } = setUp();
  const view = makeView();
  pacer.add(view);
  view.lag = pacing.highLagBytes;
  pacer.update();
  expect(state.paused).toBe(false);
  view.lag += 1;
  pacer.update();
  expect(state.paused).toBe(true);
  view.lag = pacing.lowLagBytes + 1;
  pacer.update();
  expect(state.paused).toBe(true);
  view.lag = pacing.lowLagBytes;
  pacer.update();
  expect(state.paused).toBe(false);
});

test("a view that leaves holds nobody up", () => {
  const { state, pacer } = setUp();
  const view = makeView(pacing.highLagBytes + 1);
  pacer.add(view);
  expect(state.paused).toBe(true);
  pacer.remove(view);
  expect(state.paused).toBe(false);
});

test("alone, a slow view is waited for as long as it takes", () => {
  const { clock, state, pacer } = setUp();
  pacer.add(makeView(pacing.highLagBytes + 1));
  clock.advance(100 * pacing.patienceMs);
  expect(state.paused).toBe(true);
  pacer.stop();
  expect(clock.waiting).toBe(0);
});

test("while others wait, a slow view is let go after 5 s, and counts again once it caught up", () => {
  const { clock, state, pacer } = setUp();
  const fast = makeView();
  const slow = makeView(pacing.highLagBytes + 1);
  pacer.add(fast);
  pacer.add(slow);
  clock.advance(pacing.patienceMs - 1);
  expect(state.paused).toBe(true);
  clock.advance(1);
  expect(state.paused).toBe(false);

  slow.lag *= 100;
  pacer.update();
  expect(state.paused).toBe(false);

  slow.lag = 0;
  pacer.update();
  slow.lag = pacing.highLagBytes + 1;
  pacer.update();
  expect(state.paused).toBe(true);
});

test("the screen of the worker is waited for without any view", () => {
  const { state, pacer } = setUp();
  state.backlog = pacing.highBacklogBytes + 1;
  pacer.update();
  expect(state.paused).toBe(true);
  state.backlog = pacing.lowBacklogBytes;
  pacer.update();
  expect(state.paused).toBe(false);
});
