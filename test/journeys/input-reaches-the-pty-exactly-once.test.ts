import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { openShell, settle } from "../harness/open-shell.ts";
import { startSystem } from "../harness/start-system.ts";
import { connectClient } from "../harness/test-client.ts";
import { until, within } from "../harness/until.ts";

test("input that is sent again, on the same channel and after a cut, is typed once", async () => {
  const cleanup = cleanupAfterTest();
  const system = await startSystem(cleanup);
  const client = await connectClient(cleanup, system.url);
  const channel = await client.channel();
  const { view } = await openShell(channel, { directory: system.directory });
  view.type("cat > typed.txt; echo sto$((1))red\r");
  await view.untilText("sto$((1))red\r\n");

  // All of it again, with the command before it, while more follows.
  view.type("one\rtwo\r");
  await view.untilText("two");
  view.resend(0);
  view.type("three\r");
  await view.untilText("three");

  // And again after a cut, with what was typed meanwhile.
  system.workerLink.cut();
  await within(channel.closed, "the channel to close");
  await until(() => view.ended() !== undefined, "the view to notice");
  view.type("four\r");
  await client.onlineWorkerId();
  const again = await client.channel();
  await view.attach(again.terminals);
  view.resend(0);
  view.type("five\r");
  await view.untilText("five");

  view.type("\u0004");
  await view.untilText("sto1red");
  const typed = await readFile(join(system.directory, "typed.txt"), "utf8");
  expect(typed).toBe("one\ntwo\nthree\nfour\nfive\n");
  await settle(view);
});
