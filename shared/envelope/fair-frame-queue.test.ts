import fc from "fast-check";
import { expect, test } from "vitest";
import { frameOverheadBytes, makeFairFrameQueue } from "./fair-frame-queue.ts";
import type { Frame } from "./frame.ts";

let serial = 0n;
function frame(channelId: string, bytes: number): Frame {
  return { channelId, correlationId: serial++, flags: 0, ciphertext: new Uint8Array(bytes) };
}

const channelsOf = (frames: readonly Frame[]) => frames.map((each) => each.channelId).join("");

test("order within a channel is kept", () => {
  const queue = makeFairFrameQueue({ maxBytesPerChannel: 10_000_000 });
  const pushed = Array.from({ length: 500 }, () => frame("a", 1_000));
  for (const each of pushed) queue.push(each);
  const taken: Frame[] = [];
  while (queue.size > 0) taken.push(...queue.take(7_000));
  expect(taken).toEqual(pushed);
  expect(queue.bytes).toBe(0);
});

test("a keystroke overtakes the bulk of another channel", () => {
  const queue = makeFairFrameQueue({ maxBytesPerChannel: 10_000_000 });
  for (let i = 0; i < 100; i += 1) queue.push(frame("b", 65_535));
  queue.take(1);
  queue.push(frame("k", 50));
  expect(channelsOf(queue.take(200_000))).toContain("k");
});

test("two bulk channels share by bytes, not by frames", () => {
  const queue = makeFairFrameQueue({ maxBytesPerChannel: 100_000_000 });
  for (let i = 0; i < 200; i += 1) queue.push(frame("l", 65_000));
  for (let i = 0; i < 6_000; i += 1) queue.push(frame("s", 1_000));
  const bytes = { l: 0, s: 0 };
  for (const each of queue.take(4_000_000)) {
    bytes[each.channelId === "l" ? "l" : "s"] += each.ciphertext.length + frameOverheadBytes;
  }
  expect(Math.abs(bytes.l - bytes.s)).toBeLessThan(2 * 65_600);
});

test("take gives at least one frame and never more than asked beyond it", () => {
  const queue = makeFairFrameQueue({ maxBytesPerChannel: 1_000_000 });
  for (let i = 0; i < 3; i += 1) queue.push(frame("a", 60_000));
  expect(queue.take(0)).toHaveLength(1);
  expect(queue.take(100_000)).toHaveLength(1);
  expect(queue.take(1_000_000)).toHaveLength(1);
  expect(queue.take(1_000_000)).toEqual([]);
});

test("a channel that fills its share is named, the others go on", () => {
  const maxBytesPerChannel = 10 * (100 + frameOverheadBytes);
  const queue = makeFairFrameQueue({ maxBytesPerChannel });
  for (let i = 0; i < 10; i += 1) expect(queue.push(frame("a", 100)).ok).toBe(true);
  const refused = { ok: false, reason: "slow_consumer", channelId: "a" };
  expect(queue.push(frame("a", 0))).toEqual(refused);
  expect(queue.push(frame("b", 100)).ok).toBe(true);
  expect(queue.bytesOf("a")).toBe(maxBytesPerChannel);
  queue.dropChannel("a");
  expect(queue.bytesOf("a")).toBe(0);
  expect(queue.size).toBe(1);
  expect(channelsOf(queue.take(1_000_000))).toBe("b");
});

test("when all is full, the fullest channel is the one to close", () => {
  const cost = 100 + frameOverheadBytes;
  const queue = makeFairFrameQueue({ maxBytesPerChannel: 100 * cost, maxBytes: 10 * cost });
  for (let i = 0; i < 8; i += 1) queue.push(frame("greedy", 100));
  for (let i = 0; i < 2; i += 1) queue.push(frame("modest", 100));
  expect(queue.push(frame("modest", 100))).toMatchObject({ ok: false, channelId: "greedy" });
  expect(queue.push(frame("greedy", 100))).toMatchObject({ ok: false, channelId: "greedy" });
  queue.dropChannel("greedy");
  expect(queue.push(frame("modest", 100)).ok).toBe(true);
});

test("onReady is called by the push that ends emptiness, only", () => {
  let ready = 0;
  const queue = makeFairFrameQueue({ maxBytesPerChannel: 1_000_000, onReady: () => (ready += 1) });
  queue.push(frame("a", 1));
  queue.push(frame("b", 1));
  expect(ready).toBe(1);
  queue.take(1_000);
  queue.push(frame("a", 1));
  expect(ready).toBe(2);
});

test("property: whatever is pushed, taken and dropped, order and accounts hold", () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ push: fc.nat(5), bytes: fc.nat(65_535) }) },
    { weight: 3, arbitrary: fc.record({ take: fc.nat(300_000) }) },
    { weight: 1, arbitrary: fc.record({ drop: fc.nat(5) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = makeFairFrameQueue({ maxBytesPerChannel: 400_000, maxBytes: 1_000_000 });
      const model = new Map<string, Frame[]>();
      for (const each of steps) {
        if ("push" in each) {
          const pushed = frame(String(each.push), each.bytes);
          if (!queue.push(pushed).ok) continue;
          model.set(pushed.channelId, [...(model.get(pushed.channelId) ?? []), pushed]);
        } else if ("take" in each) {
          const taken = queue.take(each.take);
          if (taken.length === 0) expect([...model.values()].flat()).toEqual([]);
          for (const got of taken) expect(model.get(got.channelId)?.shift()).toBe(got);
        } else {
          queue.dropChannel(String(each.drop));
          model.delete(String(each.drop));
        }
        const left = [...model.values()].flat();
        expect(queue.size).toBe(left.length);
        const bytes = left.reduce((sum, f) => sum + f.ciphertext.length + frameOverheadBytes, 0);
        expect(queue.bytes).toBe(bytes);
        expect(bytes).toBeLessThanOrEqual(1_000_000);
      }
    }),
  );
});
