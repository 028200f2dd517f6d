import { expect, test } from "vitest";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { openShell } from "../harness/open-shell.ts";
import { connectClient } from "../harness/test-client.ts";
import { startSystem } from "../harness/start-system.ts";
import { until } from "../harness/until.ts";

test.each(["post-quantum", "classic"] as const)(
  "a keystroke goes through hub and worker to the shell and its output comes back (%s)",
  async (mode) => {
    const cleanup = cleanupAfterTest();
    const system = await startSystem(cleanup, { mode });
    const client = await connectClient(cleanup, system.url);
    const channel = await client.channel();
    const { view } = await openShell(channel);

    view.type("echo $((6 * 7))-out\r");
    await view.untilText("42-out");

    view.type("stty size; echo $TERM\r");
    await view.untilText("24 80\r\nxterm-256color");
    await until(() => view.inputAccepted() > 40n, "input to be acknowledged");

    view.type("exit 3\r");
    await until(() => view.state?.exitCode === 3, "the exit code");
  },
);

test("resizing reaches the program, closing ends the whole process group", async () => {
  const cleanup = cleanupAfterTest();
  const system = await startSystem(cleanup);
  const client = await connectClient(cleanup, system.url);
  const channel = await client.channel();
  const { view, terminalId } = await openShell(channel);

  view.resize(101, 31);
  await until(() => view.size.cols === 101, "the new size to be told");
  view.type("stty size\r");
  await view.untilText("31 101");

  // A grandchild in the background, of which the shell itself would not take leave.
  view.type("sh -c 'sleep 1000 & echo pid-$!-; wait' \r");
  await view.untilText(/pid-\d+-/);
  const pid = Number(/pid-(\d+)-/.exec(view.text())?.[1]);
  expect(isAlive(pid)).toBe(true);
  await channel.terminals.closeTerminal({ terminalId });
  await until(() => !isAlive(pid), "the grandchild to end");
  // Idempotent.
  await channel.terminals.closeTerminal({ terminalId });
});

test("every shell that is offered starts", async () => {
  const cleanup = cleanupAfterTest();
  const system = await startSystem(cleanup);
  const client = await connectClient(cleanup, system.url);
  const channel = await client.channel();
  const { shells } = await channel.terminals.listShells({});
  expect(shells.filter(({ isDefault }) => isDefault)).toHaveLength(1);
  expect(shells.map(({ path }) => path)).toContain("/bin/sh");
  const info = await channel.info.getWorkerInfo({});
  expect(info.fingerprint.split("-")).toHaveLength(8);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
