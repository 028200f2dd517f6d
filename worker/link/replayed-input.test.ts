import { expect, test } from "vitest";
import { makeReplayedInput } from "./replayed-input.ts";

/** Gives an item whenever the test lets one go. */
function makeSource() {
  const waiting: ((result: IteratorResult<number, undefined>) => void)[] = [];
  let pulls = 0;
  const source: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next() {
        pulls += 1;
        return new Promise((resolve) => waiting.push(resolve));
      },
    }),
  };
  return {
    source,
    give: (value: number) => waiting.shift()?.({ done: false, value }),
    end: () => waiting.shift()?.({ done: true, value: undefined }),
    pulls: () => pulls,
  };
}

test("a second attempt begins with what the first took, and gets what the first had asked for", async () => {
  const { source, give, end, pulls } = makeSource();
  const input = makeReplayedInput(source);
  const first = input.attempt()[Symbol.asyncIterator]();
  const one = first.next();
  give(1);
  expect(await one).toEqual({ done: false, value: 1 });
  const abandoned = first.next();

  const second = input.attempt()[Symbol.asyncIterator]();
  expect(await second.next()).toEqual({ done: false, value: 1 });
  input.settle();
  const two = second.next();
  expect(pulls()).toBe(2);
  give(2);
  expect(await two).toEqual({ done: false, value: 2 });
  expect(await abandoned).toEqual({ done: true, value: undefined });
  const three = second.next();
  give(3);
  expect(await three).toEqual({ done: false, value: 3 });
  const last = second.next();
  end();
  expect(await last).toEqual({ done: true, value: undefined });
});

test("an input that fails fails the attempt", async () => {
  const input = makeReplayedInput<number>({
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error("broken")) }),
  });
  await expect(input.attempt()[Symbol.asyncIterator]().next()).rejects.toThrow("broken");
});
