import { expect, test } from "vitest";
import { defaultWorkerLimits } from "../config/worker-limits.ts";
import { makeLinkSender } from "./send-frame.ts";

function frame(channelId: string, size: number) {
  return { channelId, correlationId: 1n, flags: 0, ciphertext: new Uint8Array(size) };
}

function setUp(changes = {}) {
  return makeLinkSender({
    limits: { ...defaultWorkerLimits, ...changes },
    onSent: () => undefined,
  });
}

test("frames that wait together travel together, what the link has to say first", async () => {
  const sender = setUp();
  const messages = sender.messages();
  sender.sendFrame(frame("a", 100));
  sender.sendFrame(frame("b", 100));
  sender.sendNow({ case: "heartbeat", value: {} });
  expect((await messages.next()).value?.body?.case).toBe("heartbeat");
  const { value } = await messages.next();
  expect(value?.body?.value).toMatchObject({ frames: [{ channelId: "a" }, { channelId: "b" }] });
  expect(sender.queuedBytes).toBe(0);
});

test("a batch is bounded, and a channel that fills its share is named", async () => {
  const sender = setUp({ batchBytes: 100_000, maxQueuedBytesPerChannel: 200_000 });
  for (let count = 0; count < 3; count++)
    expect(sender.sendFrame(frame("a", 60_000)).ok).toBe(true);
  expect(sender.sendFrame(frame("a", 60_000))).toMatchObject({ ok: false, channelId: "a" });
  expect(sender.sendFrame(frame("b", 60_000)).ok).toBe(true);
  const { value } = await sender.messages().next();
  expect(value?.body?.value).toMatchObject({ frames: [{ channelId: "a" }] });
});

test("a reader that waits is woken by the first frame and by the end", async () => {
  const sender = setUp();
  const messages = sender.messages();
  const first = messages.next();
  sender.sendFrame(frame("a", 1));
  expect((await first).value?.body?.case).toBe("frames");
  const last = messages.next();
  sender.finish();
  expect((await last).done).toBe(true);
});
