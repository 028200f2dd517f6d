/** A channel belongs to the link that opened it: nobody else can put frames on it, close it or take it. */
import { beforeAll, expect, test } from "vitest";
import { encodeCloseFrame } from "@leapmux/shared/envelope/close-frame.ts";
import type { Frame } from "@leapmux/shared/envelope/frame.ts";
import { cleanupAfterFile, cleanupAfterTest } from "../harness/cleanup.ts";
import { openShell, settle } from "../harness/open-shell.ts";
import { startSystem, type System } from "../harness/start-system.ts";
import { connectClient, encodeMode, makeChannelId, reasonOf } from "../harness/test-client.ts";

const cleanup = cleanupAfterFile();
let system: System;
beforeAll(async () => {
  system = await startSystem(cleanup);
});

test("frames under another client's channel id go nowhere", async () => {
  const own = cleanupAfterTest();
  const victim = await connectClient(own, system.url);
  const recorded: Frame[] = [];
  const channel = await victim.channel({
    onFrameUp: (frame) => {
      recorded.push(frame);
      return [frame];
    },
  });
  const { view } = await openShell(channel);
  const intruder = await connectClient(own, system.url);

  const before = framesAtWorker(channel.channelId);
  const forged: Frame = {
    channelId: channel.channelId,
    correlationId: 1n,
    flags: 0,
    ciphertext: new Uint8Array(100),
  };
  intruder.link.sendFrames(forged, ...recorded, { ...forged, flags: 1 });
  intruder.link.sendFrames(encodeCloseFrame(channel.channelId, "closed"));
  // The intruder's own channel works, so its link was read to here; the victim notices nothing.
  await openShell(await intruder.channel());
  const after = framesAtWorker(channel.channelId);
  expect(after).toBe(before);
  await settle(view);
  expect(channel.closeReason()).toBeUndefined();
});

test("a worker gets and sends frames of its own channels only", async () => {
  const own = cleanupAfterTest();
  const other = await startSystem(own);
  const client = await connectClient(own, system.url);
  const channel = await client.channel();
  const { view } = await openShell(channel);
  other.workerLink.injectFramesUp({
    channelId: channel.channelId,
    correlationId: 0n,
    flags: 2,
    ciphertext: Buffer.from("closed"),
  });
  await settle(view);
  expect(channel.closeReason()).toBeUndefined();
});

test("a link that does not exist cannot be opened on", async () => {
  const own = cleanupAfterTest();
  const client = await connectClient(own, system.url);
  const open = async (linkId: string): Promise<string> => {
    try {
      await client.channels.openChannel({
        workerId: system.workerId,
        channelId: makeChannelId(),
        linkId,
        encryptionMode: encodeMode("post-quantum"),
        message1: new Uint8Array(1616),
      });
      return "opened";
    } catch (error) {
      return reasonOf(error);
    }
  };
  expect(await open("")).not.toBe("opened");
  expect(await open("AAAAAAAAAAAAAAAAAAAAAA")).toBe("link_lost");
  const gone = await connectClient(own, system.url);
  const { linkId } = gone.link;
  gone.link.close();
  await gone.link.closed;
  expect(await open(linkId)).toBe("link_lost");
});

function framesAtWorker(channelId: string): number {
  return system.workerLink.seen.down
    .flatMap(({ body }) => (body.case === "frames" ? body.value.frames : []))
    .filter((frame) => frame.channelId === channelId).length;
}
