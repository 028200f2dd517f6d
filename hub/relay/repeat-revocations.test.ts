import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { expect, test } from "vitest";
import { makeRepeatedRevocations } from "./repeat-revocations.ts";

function setUp() {
  const clock = makeManualClock();
  let lists = 0;
  let ready = 0;
  const repeated = makeRepeatedRevocations({
    clock,
    leastMs: 10_000,
    async *list() {
      lists += 1;
      yield [new Uint8Array([lists, 1])];
      yield [new Uint8Array([lists, 2])];
    },
    onReady: () => void (ready += 1),
  });
  const takeAll = async (): Promise<string[]> => {
    const pages: string[] = [];
    for (;;) {
      const page = await repeated.nextPage();
      if (page === null) return pages;
      pages.push(page.join());
    }
  };
  return { clock, repeated, takeAll, ready: () => ready };
}

test("a worker that asks gets the whole list once, in pages", async () => {
  const { clock, repeated, takeAll, ready } = setUp();
  expect(await takeAll()).toEqual([]);
  repeated.ask();
  clock.advance(0);
  expect(ready()).toBe(1);
  expect(await takeAll()).toEqual(["1,1", "1,2"]);
  expect(await takeAll()).toEqual([]);
});

test("however often it asks, the next list waits for its time and begins anew", async () => {
  const { clock, repeated, takeAll, ready } = setUp();
  repeated.ask();
  clock.advance(0);
  expect(await repeated.nextPage()).toEqual([new Uint8Array([1, 1])]);
  for (let count = 0; count < 100; count += 1) repeated.ask();
  clock.advance(9_999);
  expect(ready()).toBe(1);
  clock.advance(1);
  expect(ready()).toBe(2);
  expect(await takeAll()).toEqual(["2,1", "2,2"]);
});

test("a link that is over reads nothing any more", async () => {
  const { clock, repeated, takeAll, ready } = setUp();
  repeated.ask();
  repeated.stop();
  clock.advance(20_000);
  expect(ready()).toBe(0);
  expect(await takeAll()).toEqual([]);
});
