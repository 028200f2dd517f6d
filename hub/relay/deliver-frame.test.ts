import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { expect, test } from "vitest";
import { encodeRelayedFrame } from "./decode-batch.ts";
import { makeFrameOutlet } from "./deliver-frame.ts";
import type { RelayedFrame } from "./relayed-frame.ts";

const frame = (channelId: string, bytes = 1_000): RelayedFrame =>
  encodeRelayedFrame({ channelId, correlationId: 1n, flags: 0, ciphertext: new Uint8Array(bytes) });

function make(maxBytesPerChannel = 10_000, maxBytes = 100_000) {
  const clock = makeManualClock();
  let ready = 0;
  const outlet = makeFrameOutlet({
    maxBytesPerChannel,
    maxBytes,
    clock,
    onReady: () => (ready += 1),
  });
  return { clock, outlet, ready: () => ready };
}

test("tells once that something waits, until it was taken", () => {
  const { outlet, ready } = make();
  outlet.deliver(frame("a"));
  outlet.deliver(frame("a"));
  outlet.deliverClose("b", "closed");
  expect(ready()).toBe(1);
  outlet.take(1_000_000);
  expect(outlet.isEmpty).toBe(true);
  outlet.deliverClose("a", "closed");
  outlet.deliver(frame("c"));
  expect(ready()).toBe(2);
});

test("a close takes the place of what waited for its channel and goes first", () => {
  const { outlet } = make();
  outlet.deliver(frame("a"));
  outlet.deliver(frame("b"));
  outlet.deliverClose("b", "slow_consumer");
  const taken = outlet.take(1_000_000);
  expect(taken.map(({ channelId, flags }) => [channelId, flags])).toEqual([
    ["b", 2],
    ["a", 0],
  ]);
  expect(Buffer.from(taken[0]?.ciphertext ?? []).toString()).toBe("slow_consumer");
});

test("is stuck when something waits and nothing is taken for the time", () => {
  const { outlet, clock } = make();
  clock.advance(100_000);
  expect(outlet.isStuck(30_000)).toBe(false);
  outlet.deliver(frame("a"));
  clock.advance(29_999);
  expect(outlet.isStuck(30_000)).toBe(false);
  clock.advance(1);
  expect(outlet.isStuck(30_000)).toBe(true);
  outlet.take(1);
  expect(outlet.isStuck(30_000)).toBe(false);
});

test("names the channel that has to go: its own beyond its share, else the fullest", () => {
  const { outlet } = make(10_000, 12_000);
  for (let count = 0; count < 9; count += 1) outlet.deliver(frame("hog"));
  expect(outlet.deliver(frame("hog"))).toMatchObject({ ok: false, channelId: "hog" });
  expect(outlet.deliver(frame("a"))).toEqual({ ok: true });
  expect(outlet.deliver(frame("b", 2_000))).toMatchObject({ ok: false, channelId: "hog" });
});

test("a frame that waits behind a backlog does not hold the message that it came in", () => {
  const { outlet } = make(1_000_000, 10_000_000);
  const message = new Uint8Array(200_000);
  const small = frame("a", 20);
  message.set(small.encoded, 1_000);
  const encoded = message.subarray(1_000, 1_000 + small.encoded.length);
  const part = { ...small, encoded, ciphertext: encoded.subarray(encoded.length - 20) };
  outlet.deliver(part);
  expect(outlet.take(1)[0]?.encoded.buffer).toBe(message.buffer);
  outlet.deliver(frame("b", 65_000));
  outlet.deliver(frame("b", 65_000));
  outlet.deliver(frame("b", 65_000));
  outlet.deliver(part);
  const waited = outlet.take(1_000_000).find(({ channelId }) => channelId === "a");
  expect(waited?.encoded).toEqual(small.encoded);
  expect(waited?.encoded.buffer.byteLength).toBe(small.encoded.length);
  expect(waited?.ciphertext).toEqual(small.ciphertext);
});

test("tiny frames that wait do not hold the messages that they came in", () => {
  const { outlet } = make(1_000_000, 1_000_000);
  const messageBytes = 1024 * 1024;
  for (let count = 0; count < 100; count += 1) {
    const { encoded, ...rest } = frame("a", 16);
    const message = new Uint8Array(messageBytes);
    message.set(encoded);
    outlet.deliver({ ...rest, encoded: message.subarray(0, encoded.length) });
  }
  const buffers = new Set(outlet.take(1_000_000).map(({ encoded }) => encoded.buffer));
  const heldBytes = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(heldBytes).toBeLessThan(20 * messageBytes);
});
