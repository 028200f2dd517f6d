import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { openShell, settle } from "../harness/open-shell.ts";
import { startProcesses, startSolo } from "../harness/start-processes.ts";
import { startSystem } from "../harness/start-system.ts";
import { reconnect } from "../harness/stubborn-client.ts";
import { connectClient } from "../harness/test-client.ts";
import { within } from "../harness/until.ts";

test("SIGTERM: the hub tells its clients how long to wait and ends with 0", async () => {
  const cleanup = cleanupAfterTest();
  const processes = await startProcesses(cleanup);
  const { client, channel } = await reconnect(cleanup, processes.url);
  const { view } = await openShell(channel);

  processes.hub().signal("SIGTERM");
  expect(await within(processes.hub().exited, "the hub to end")).toEqual({ code: 0, signal: null });
  await within(client.link.closed, "the link to close");
  const goingAway = client.link.received.find(({ body }) => body.case === "goingAway");
  expect(goingAway?.body.value).toMatchObject({ retryAfterMs: expect.any(Number) });
  expect((await client.link.closed).code).toBe(1001);
  await within(channel.closed, "the channel to close");

  // The worker did not end, and what runs in it neither.
  expect(processes.worker().isRunning()).toBe(true);
  await processes.startHub();
  const again = await reconnect(cleanup, processes.url);
  await view.attach(again.channel.terminals);
  await settle(view);
});

test("a worker hears it too, and what was under way is delivered first", async () => {
  const cleanup = cleanupAfterTest();
  const system = await startSystem(cleanup);
  const client = await connectClient(cleanup, system.url);
  const channel = await client.channel();
  const { view } = await openShell(channel);
  view.type("echo last-$((40 + 2))-words\r");
  await view.untilText("last-42-words");
  await system.hub.close();
  const told = system.workerLink.seen.down.filter(({ body }) => body.case === "goingAway");
  expect(told).toHaveLength(1);
  expect(told[0]?.body.value).toMatchObject({ retryAfterMs: expect.any(Number) });
  await within(client.link.closed, "the link to close");
});

test("solo ends with 0, its shells with it, and leaves its places unlocked", async () => {
  const cleanup = cleanupAfterTest();
  const solo = await startSolo(cleanup);
  const { channel } = await reconnect(cleanup, solo.url);
  const { view } = await openShell(channel);
  view.type("echo pid-$$-\r");
  await view.untilText(/pid-\d+-/);
  const pid = Number(/pid-(\d+)-/.exec(view.text())?.[1]);
  solo.process.signal("SIGTERM");
  expect(await within(solo.process.exited, "solo to end")).toEqual({ code: 0, signal: null });
  expect(existsSync(`/proc/${pid}`)).toBe(false);
  expect(existsSync(join(solo.directory, "hub"))).toBe(true);
  await startSolo(cleanup, { directory: solo.directory, port: solo.port });
});

test("a worker ends with 0 on SIGTERM", async () => {
  const cleanup = cleanupAfterTest();
  const processes = await startProcesses(cleanup);
  await reconnect(cleanup, processes.url);
  processes.worker().signal("SIGTERM");
  const exit = await within(processes.worker().exited, "the worker to end");
  expect(exit).toEqual({ code: 0, signal: null });
});
