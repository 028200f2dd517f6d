import { expect, test } from "vitest";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { endMark, printLinesCommand, wrongInLines } from "../harness/numbered-lines.ts";
import { openShell } from "../harness/open-shell.ts";
import { startSystem } from "../harness/start-system.ts";
import { connectClient } from "../harness/test-client.ts";
import { until, within } from "../harness/until.ts";

test("the worker's link is cut during output: its channels end by name, views resume", async () => {
  const cleanup = cleanupAfterTest();
  const system = await startSystem(cleanup);
  const client = await connectClient(cleanup, system.url);
  const channel = await client.channel();
  const { view } = await openShell(channel);

  const lines = 9_000;
  view.type(printLinesCommand(lines));
  await until(() => view.output().length > 200_000, "output to flow");
  system.workerLink.setOpen(false);
  system.workerLink.cut();
  // The client's own link lives: it learns which channels went and why.
  expect(await within(channel.closed, "the channel to close")).toBe("worker_offline");
  expect(client.link.isOpen()).toBe(true);
  const { workers } = await client.workers.listWorkers({});
  expect(workers.map(({ online }) => online)).toEqual([false]);
  await until(
    () => client.link.received.some(({ body }) => body.case === "changed" && body.value.workers),
    "the client to be told",
  );

  system.workerLink.setOpen(true);
  await client.onlineWorkerId();
  const again = await client.channel();
  await view.attach(again.terminals);
  await view.untilText(endMark, 60_000);
  expect(wrongInLines(view.text(), lines)).toBeUndefined();
  expect(view.resumedCount).toBe(1);
  expect(system.workerLink.dialled).toBe(2);
});
