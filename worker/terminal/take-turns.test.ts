import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { makeTurns } from "./take-turns.ts";

test("of all that wait, one goes on in each turn of the event loop, in order", async () => {
  const nextTurn = makeTurns();
  const gone: number[] = [];
  const all = [1, 2, 3].map(async (number) => {
    await nextTurn();
    gone.push(number);
  });
  expect(gone).toEqual([]);
  for (let most = 1; most <= all.length; most++) {
    await turn();
    expect(gone.length).toBeLessThanOrEqual(most);
  }
  await Promise.all(all);
  expect(gone).toEqual([1, 2, 3]);
});
