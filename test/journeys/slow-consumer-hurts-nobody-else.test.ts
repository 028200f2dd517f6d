import { expect, test } from "vitest";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import {
  hashOfNumberedLines,
  makeLinesHash,
  printLinesCommand,
} from "../harness/numbered-lines.ts";
import { openShell, settle } from "../harness/open-shell.ts";
import { startSystem } from "../harness/start-system.ts";
import { makeTerminalView } from "../harness/terminal-view.ts";
import { connectClient } from "../harness/test-client.ts";
import { until, within } from "../harness/until.ts";

test("a client that stops reading loses its channel by name; others never notice", async () => {
  const cleanup = cleanupAfterTest();
  const system = await startSystem(cleanup, {
    limits: {
      maxQueuedBytesPerChannel: 512 * 1024,
      socketHighWaterBytes: 64 * 1024,
      heartbeatCheckMs: 200,
      stuckQueueMs: 1_000,
    },
  });
  const stopped = await connectClient(cleanup, system.url);
  const good = await connectClient(cleanup, system.url);
  const stoppedChannel = await stopped.channel();
  const goodChannel = await good.channel();

  // Sixty streams of the same output, each with its own credit, into a socket that nobody reads.
  const noisy = await openShell(stoppedChannel);
  for (let view = 0; view < 60; view += 1) {
    await makeTerminalView(noisy.terminalId).attach(stoppedChannel.terminals);
  }
  const { view } = await openShell(goodChannel);
  stopped.link.pause();
  noisy.view.type(printLinesCommand(1_000_000));

  // Meanwhile: keystrokes and a long stream of somebody else.
  const hash = makeLinesHash();
  const stream = makeTerminalView((await openShell(goodChannel)).terminalId, {
    onOutput: (bytes) => hash.add(bytes),
  });
  await stream.attach(goodChannel.terminals);
  stream.type(printLinesCommand(50_000));
  for (let key = 0; key < 10; key += 1) await settle(view);
  await until(() => hash.digest !== undefined, "the other stream to end");
  expect(hash.digest).toBe(hashOfNumberedLines(50_000));

  await until(
    () =>
      system.workerLink.seen.down.some(
        ({ body }) =>
          body.case === "frames" &&
          body.value.frames.some(
            (frame) =>
              frame.flags === 2 &&
              frame.channelId === stoppedChannel.channelId &&
              Buffer.from(frame.ciphertext).toString() === "slow_consumer",
          ),
      ),
    "the worker to be told that the channel went",
  );
  await settle(view);
  expect(goodChannel.closeReason()).toBeUndefined();
  expect(good.link.isOpen()).toBe(true);

  // Once it reads again it learns what happened, and opens a new channel on the same link.
  stopped.link.resume();
  expect(await within(stoppedChannel.closed, "the stopped client to learn it")).toBe(
    "slow_consumer",
  );
  const fresh = await stopped.channel();
  await settle((await openShell(fresh)).view);
});
