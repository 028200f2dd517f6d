import { expect, test } from "vitest";
import { decodeBatch, encodeRelayedFrame } from "./decode-batch.ts";
import { copyRelayedFrame } from "./relayed-frame.ts";

test("a copy holds nothing of the message that the frame came in", () => {
  const { encoded } = encodeRelayedFrame({
    channelId: "a",
    correlationId: 7n,
    flags: 0,
    ciphertext: Uint8Array.of(1, 2, 3),
  });
  const message = Buffer.alloc(1024 * 1024);
  message.set(encoded, 500_000);
  const batch = decodeBatch(message.subarray(500_000, 500_000 + encoded.length));
  const [frame] = batch.ok ? batch.frames : [];
  if (!frame) throw new Error("no frame");
  expect(frame.encoded.buffer.byteLength).toBe(message.length);

  const copy = copyRelayedFrame(frame);
  expect(copy).toMatchObject({ channelId: "a", correlationId: 7n, flags: 0 });
  expect(Buffer.compare(copy.encoded, encoded)).toBe(0);
  expect([...copy.ciphertext]).toEqual([1, 2, 3]);
  expect(copy.encoded.buffer.byteLength).toBe(encoded.length);
  expect(copy.ciphertext.buffer).toBe(copy.encoded.buffer);
});
