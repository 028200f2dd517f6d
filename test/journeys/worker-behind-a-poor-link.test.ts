/** A worker whose line to the hub adds 200 ms each way, loses 5 % and breaks: slower, and nothing else. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { endMark, printLinesCommand, wrongInLines } from "../harness/numbered-lines.ts";
import { openShell } from "../harness/open-shell.ts";
import { startPoorLink } from "../harness/poor-link.ts";
import { pairWorkerProcess, startPairedProcesses } from "../harness/start-paired-processes.ts";
import { until, within } from "../harness/until.ts";

test.each(["grpc", "websocket"] as const)("over %s", { timeout: 180_000 }, async (link) => {
  const cleanup = cleanupAfterTest();
  // The hub answers to its own names and port only, so it is the line that has them.
  const { url, directory, client, device } = await startPairedProcesses(cleanup, {
    host: "127.0.0.2",
  });
  const port = Number(new URL(url).port);
  const line = await startPoorLink(cleanup, {
    target: { port, host: "127.0.0.2" },
    listen: { port },
    delayMs: 200,
    lossPercent: 5,
  });
  const { workerId } = await pairWorkerProcess(cleanup, client, device, join(directory, "far"), {
    hubUrl: `http://127.0.0.1:${port}`,
    args: ["--link", link],
  });
  const open = () =>
    until(async () => {
      const result = await client.openChannel({ workerId, claim: device.claim });
      return result.ok ? result.channel : undefined;
    }, "a channel");

  let channel = await open();
  const { view } = await openShell(channel);
  // Such a line carries some 20 KB in a second.
  const lines = 1_500;
  view.type(printLinesCommand(lines));
  for (const bytes of [30_000, 80_000]) {
    await until(() => view.output().length > bytes, "output to flow");
    line.cut();
    expect(await within(channel.closed, "the channel to close")).toBe("worker_offline");
    channel = await open();
    await view.attach(channel.terminals);
  }
  view.type("echo typed-$((20 + 3))\r");
  await view.untilText("typed-23", 60_000);
  expect(wrongInLines(view.text(), lines)).toBeUndefined();
  expect(view.text().split(endMark)).toHaveLength(2);
  expect(view.resumedCount).toBe(2);
  expect(line.lost).toBeGreaterThan(5);
});
