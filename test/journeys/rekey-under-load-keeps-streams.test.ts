import { expect, test } from "vitest";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import {
  endMark,
  hashOfNumberedLines,
  makeLinesHash,
  printLinesCommand,
} from "../harness/numbered-lines.ts";
import { openShell, settle } from "../harness/open-shell.ts";
import { makeSkippingClock } from "../harness/skipping-clock.ts";
import { startSystem } from "../harness/start-system.ts";
import { makeTerminalView } from "../harness/terminal-view.ts";
import { connectClient } from "../harness/test-client.ts";
import { until } from "../harness/until.ts";

test.each(["post-quantum", "classic"] as const)(
  "hours pass while a stream runs: keys change under it, it goes on whole (%s)",
  async (mode) => {
    const cleanup = cleanupAfterTest();
    const clock = makeSkippingClock();
    const system = await startSystem(cleanup, { mode, workerClock: clock });
    const client = await connectClient(cleanup, system.url);
    const channel = await client.channel({ clock });
    const atOpening = mode === "post-quantum" ? 1 : 0;
    expect(channel.initiator.status().rekeyCount).toBe(atOpening);

    const hash = makeLinesHash();
    const lines = 100_000;
    const { terminalId } = await openShell(channel);
    const { view } = await openShell(channel);
    const stream = makeTerminalView(terminalId, { onOutput: (bytes) => hash.add(bytes) });
    await stream.attach(channel.terminals);
    stream.type(printLinesCommand(lines));
    await until(() => hash.bytes > 0, "the stream to flow");

    for (let hour = 1; hour <= 3; hour += 1) {
      await clock.skip(61 * 60_000);
      await until(
        () => channel.initiator.status().rekeyCount === atOpening + hour,
        `the rekey of hour ${hour}`,
      );
      await settle(view);
    }
    await until(() => hash.digest !== undefined, endMark, 60_000);
    expect(hash.digest).toBe(hashOfNumberedLines(lines));
    expect(channel.closeReason()).toBeUndefined();
    expect(system.workerLink.dialled).toBe(1);
  },
);

test("a channel whose keys are not renewed ends at 70 minutes, at both ends", async () => {
  const cleanup = cleanupAfterTest();
  const clock = makeSkippingClock();
  const system = await startSystem(cleanup, { workerClock: clock });
  const client = await connectClient(cleanup, system.url);
  // Its own clock stands still, so it never asks for new keys: the worker closes.
  const channel = await client.channel();
  await clock.skip(71 * 60_000);
  expect(await channel.closed).toBe("key_too_old");
});
