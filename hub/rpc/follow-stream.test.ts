import { expect, test } from "vitest";
import { followStream, type StreamEnd } from "./follow-stream.ts";

async function* three(failsAt = Infinity) {
  for (let n = 1; n <= 3; n += 1) {
    if (n === failsAt) throw new Error("the disk is full");
    yield await Promise.resolve(n);
  }
}

function follow(messages: AsyncIterable<number>, signal = new AbortController().signal) {
  const ends: StreamEnd[] = [];
  const followed = followStream(messages, signal, (end) => {
    ends.push(end);
    if (end.kind === "failed") throw new Error("something failed", { cause: end.error });
  });
  return { ends, followed };
}

test("it is settled once, behind the last message", async () => {
  const { ends, followed } = follow(three());
  const seen: number[] = [];
  for await (const message of followed) {
    expect(ends).toEqual([]);
    seen.push(message);
  }
  expect([seen, ends]).toEqual([[1, 2, 3], [{ kind: "whole" }]]);
});

test("an error in the midst is settled, and what settling throws is what the reader gets", async () => {
  const { ends, followed } = follow(three(2));
  expect(await followed.next()).toMatchObject({ value: 1 });
  await expect(followed.next()).rejects.toThrow("something failed");
  expect(ends).toMatchObject([{ kind: "failed", error: { message: "the disk is full" } }]);
});

test("a reader who goes away is no success, whether the messages notice it or not", async () => {
  const stopped = follow(three());
  for await (const _ of stopped.followed) break;
  expect(stopped.ends).toEqual([{ kind: "left" }]);
  const aborted = new AbortController();
  const noticed = follow(three(), aborted.signal);
  await noticed.followed.next();
  aborted.abort();
  await noticed.followed.next();
  await noticed.followed.next();
  await noticed.followed.next();
  expect(noticed.ends).toEqual([{ kind: "left" }]);
});
