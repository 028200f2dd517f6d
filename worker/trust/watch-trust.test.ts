import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { expect, test } from "vitest";
import { watchTrust } from "./watch-trust.ts";

test("looks every half second, reloads on news alone, checks again each minute, and stops", async () => {
  const clock = makeManualClock();
  let version = 1;
  let fails = false;
  let looks = 0;
  let reloads = 0;
  let rechecks = 0;
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const stop = watchTrust({
    clock,
    store: {
      readDataVersion() {
        looks += 1;
        return fails ? Promise.reject(new Error("locked")) : Promise.resolve(version);
      },
    },
    reload: async () => void (reloads += 1),
    recheck: () => (rechecks += 1),
  });
  async function pass(): Promise<void> {
    clock.advance(500);
    await turn();
  }
  await pass();
  expect({ looks, reloads }).toEqual({ looks: 1, reloads: 1 });
  await pass();
  expect({ looks, reloads }).toEqual({ looks: 2, reloads: 1 });
  version = 2;
  await pass();
  expect(reloads).toBe(2);
  fails = true;
  await pass();
  fails = false;
  await pass();
  expect({ looks, reloads }).toEqual({ looks: 5, reloads: 2 });
  expect(rechecks).toBe(0);
  clock.advance(60_000);
  expect(rechecks).toBe(1);
  await turn();
  stop();
  expect(clock.waiting).toBe(0);
});
