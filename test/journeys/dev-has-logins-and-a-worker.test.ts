import { join } from "node:path";
import { expect, test } from "vitest";
import { firstAdmin } from "@leapmux/hub/test-support/log-in.ts";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { freePort } from "../harness/free-port.ts";
import { setUpHub } from "../harness/known-logins.ts";
import { openShell } from "../harness/open-shell.ts";
import { startLeapmux, untilReady } from "../harness/processes.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { connectClient } from "../harness/test-client.ts";
import { until, within } from "../harness/until.ts";

test("its worker waits for the first account, then runs shells for it; a second start finds both", async () => {
  const cleanup = cleanupAfterTest();
  const directory = join(await makeTemporaryDirectory(cleanup), "dev");
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const pages = ["--dev-frontend", "http://127.0.0.1:9"];
  const start = () =>
    startLeapmux(cleanup, ["dev", ...pages, "--listen", address, "--data-dir", directory]);

  const dev = start();
  await untilReady(dev, url);
  await expect(connectClient(cleanup, url)).rejects.toThrow(/401/);
  await setUpHub(dev, url);
  const client = await connectClient(cleanup, url);
  const { view } = await openShell(await client.channel());
  view.type("echo out-$((6 * 7))\r");
  await view.untilText("out-42");
  dev.signal("SIGTERM");
  expect((await within(dev.exited, "dev to end")).code).toBe(0);

  const again = start();
  await untilReady(again, url);
  // The login outlived the restart, and so did the account.
  await (await connectClient(cleanup, url)).channel();
  await (await connectClient(cleanup, url, { login: firstAdmin })).channel();
  await until(() => again.stdout().includes("Stop with"), "the last word of the start");
  expect(again.stdout()).not.toContain("/setup#");
});
