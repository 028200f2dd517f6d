import { expect, test } from "vitest";
import { makeOpeningQueue } from "./opening-queue.ts";

function setUp() {
  const queue = makeOpeningQueue({
    maxSignings: 2,
    maxQueuedOpenings: 6,
    maxQueuedOpeningsPerUser: 4,
  });
  const started: string[] = [];
  const running: (() => void)[] = [];
  const add = (userId: string, name: string): boolean =>
    queue.add(userId, () => {
      started.push(name);
      return new Promise((resolve) => running.push(resolve));
    });
  const finish = async (): Promise<void> => {
    running.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { queue, started, add, finish };
}

test("two at a time, users in turn, whoever asks most", async () => {
  const { started, add, finish } = setUp();
  for (const name of ["a1", "a2", "a3", "a4", "a5"]) add("a", name);
  add("b", "b1");
  expect(started).toEqual(["a1", "a2"]);
  for (let count = 0; count < 4; count++) await finish();
  expect(started).toEqual(["a1", "a2", "a3", "b1", "a4", "a5"]);
});

test("a user's share and the whole are bounded", () => {
  const { queue, add } = setUp();
  for (let count = 0; count < 6; count++) expect(add("a", "")).toBe(true);
  expect(add("a", "")).toBe(false);
  expect(add("b", "")).toBe(true);
  expect(add("b", "")).toBe(true);
  expect(add("b", "")).toBe(false);
  expect(add("c", "")).toBe(false);
  queue.clear();
  expect(queue.waiting).toBe(0);
  expect(add("a", "")).toBe(true);
});
