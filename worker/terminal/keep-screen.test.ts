import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { expect, test } from "vitest";
import { makeScreenKeeper, saveIntervalMs } from "./keep-screen.ts";

function setUp() {
  const clock = makeManualClock();
  const saves: boolean[] = [];
  const state = { fails: false, errors: 0 };
  const keeper = makeScreenKeeper({
    clock,
    save(withScreen) {
      saves.push(withScreen);
      return state.fails ? Promise.reject(new Error("disk full")) : Promise.resolve();
    },
    onError: () => (state.errors += 1),
  });
  return { clock, saves, state, keeper };
}

test("a terminal that changes all the time is saved once per interval", async () => {
  const { clock, saves, keeper } = setUp();
  for (let count = 0; count < 100; count++) {
    keeper.screenChanged();
    clock.advance(saveIntervalMs / 50);
    await Promise.resolve();
  }
  await keeper.stop();
  expect(saves).toEqual([true, true]);
  expect(clock.waiting).toBe(0);
});

test("a new title does not save the screen", async () => {
  const { clock, saves, keeper } = setUp();
  keeper.detailsChanged();
  clock.advance(saveIntervalMs);
  await keeper.flush();
  expect(saves).toEqual([false]);
});

test("what could not be saved is saved with the next change", async () => {
  const { saves, state, keeper } = setUp();
  state.fails = true;
  keeper.screenChanged();
  await keeper.flush();
  expect(state.errors).toBe(1);
  state.fails = false;
  await keeper.flush();
  await keeper.flush();
  expect(saves).toEqual([true, true]);
});

test("nothing is saved once it is stopped", async () => {
  const { clock, saves, keeper } = setUp();
  keeper.screenChanged();
  await keeper.stop();
  keeper.screenChanged();
  clock.advance(10 * saveIntervalMs);
  await keeper.flush();
  expect(saves).toEqual([]);
});
