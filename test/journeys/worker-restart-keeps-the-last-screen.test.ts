import { expect, test } from "vitest";
import { TerminalState } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { openShell, settle } from "../harness/open-shell.ts";
import { makeScreen } from "../harness/screen.ts";
import { startProcesses } from "../harness/start-processes.ts";
import { reconnect } from "../harness/stubborn-client.ts";
import type { TestChannel } from "../harness/test-client.ts";
import { makeTerminalView, type TerminalView } from "../harness/terminal-view.ts";
import { until, within } from "../harness/until.ts";

test("after a restart of the worker the last screen is there and the shell starts anew", async () => {
  const cleanup = cleanupAfterTest();
  const processes = await startProcesses(cleanup);
  const { channel } = await reconnect(cleanup, processes.url);
  const { view, terminalId } = await openShell(channel);
  view.type("cd /usr; printf '\\033]0;my-%s\\007' title; echo last-$((70 + 7))-screen\r");
  await view.untilText("last-77-screen");
  await until(
    async () =>
      (await channel.terminals.getTerminal({ terminalId })).terminal?.title === "my-title",
    "the title",
  );

  processes.worker().signal("SIGTERM");
  expect((await within(processes.worker().exited, "the worker to end")).code).toBe(0);
  await processes.startWorker();
  const again = await reconnect(cleanup, processes.url);

  const { terminal } = await again.channel.terminals.getTerminal({ terminalId });
  expect(terminal).toMatchObject({ state: TerminalState.EXITED, title: "my-title" });
  expect(terminal?.exitCode).toBeUndefined();
  const later = makeTerminalView(terminalId);
  await attachAnew(later, again.channel);
  expect(await makeScreen(later).text()).toContain("last-77-screen");

  // The view from before resumes by itself, in a new numbering.
  await attachAnew(view, again.channel);
  expect(await makeScreen(view).text()).toContain("last-77-screen");

  await again.channel.terminals.restartTerminal({ terminalId });
  await until(() => later.state?.state === TerminalState.RUNNING, "the shell to run again");
  later.type("pwd\r");
  await settle(later);
  expect(await makeScreen(later).text()).toMatch(/last-77-screen[\s\S]*\/usr/);
});

test("a worker that is killed keeps identity and terminals", async () => {
  const cleanup = cleanupAfterTest();
  const processes = await startProcesses(cleanup);
  const first = await reconnect(cleanup, processes.url);
  const { terminalId } = await openShell(first.channel);
  const before = await keyOf(first);
  await processes.worker().kill();
  await processes.startWorker();
  const again = await reconnect(cleanup, processes.url);
  expect(await keyOf(again)).toEqual(before);
  const { terminal } = await again.channel.terminals.getTerminal({ terminalId });
  expect(terminal?.state).toBe(TerminalState.EXITED);
});

test("the shell starts anew in the size of the view that asks for it, whichever came back first", async () => {
  const cleanup = cleanupAfterTest();
  const processes = await startProcesses(cleanup);
  const { channel } = await reconnect(cleanup, processes.url);
  const large = (await openShell(channel, { cols: 100, rows: 30 })).view;
  const { terminalId } = large.state ?? expect.fail("not attached");
  const small = makeTerminalView(terminalId, { cols: 60, rows: 20 });
  await small.attach(channel.terminals);
  await settle(large);
  await until(() => large.size.cols === 100, "the size of the one who types");
  await processes.worker().kill();
  await processes.startWorker();

  const again = await reconnect(cleanup, processes.url);
  const back = makeTerminalView(terminalId, { cols: 60, rows: 20 });
  await attachAnew(back, again.channel);
  const front = makeTerminalView(terminalId, { cols: 100, rows: 30 });
  await attachAnew(front, again.channel);
  const { viewId } = front;
  const { terminal } = await again.channel.terminals.restartTerminal({ terminalId, viewId });
  expect(terminal).toMatchObject({ state: TerminalState.RUNNING, cols: 100, rows: 30 });
  front.type("stty size\r");
  await back.untilText("30 100");
});

/** `attached` comes first, the screen behind it. */
async function attachAnew(view: TerminalView, channel: TestChannel): Promise<void> {
  const former = view.snapshots.length;
  await view.attach(channel.terminals);
  await until(() => view.snapshots.slice(former).at(-1)?.last, "the whole snapshot");
}

async function keyOf({ client, channel }: Awaited<ReturnType<typeof reconnect>>) {
  const { workerId } = channel;
  return (await client.channels.getWorkerHandshakeParams({ workerId })).compositePublicKey;
}
