import path from "node:path";
import { expect, test } from "vitest";
import { runLeapmux } from "../cli/run-leapmux.ts";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { freePort } from "../harness/free-port.ts";
import { makeRegistrationKey, setUpHub } from "../harness/known-logins.ts";
import { startLeapmux, untilReady } from "../harness/processes.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { connectClient } from "../harness/test-client.ts";
import { until, within } from "../harness/until.ts";

test("a worker links to its hub through a socket, also after a hub that was killed", async () => {
  const cleanup = cleanupAfterTest();
  const dir = await makeTemporaryDirectory(cleanup);
  const socket = `unix:${path.join(dir, "hub.sock")}`;
  const listen = `127.0.0.1:${await freePort()}`;
  const hubArgs = ["hub", "--dev-frontend", "http://127.0.0.1:9", "--listen", listen];
  const places = ["--data-dir", path.join(dir, "hub"), "--local-listen", socket];
  const url = `http://${listen}`;
  const startHub = async () => {
    const hub = startLeapmux(cleanup, [...hubArgs, ...places]);
    await untilReady(hub, url);
    return hub;
  };

  const first = await startHub();
  const key = await makeRegistrationKey(await setUpHub(first, url));
  const env = { LEAPMUX_WORKER_REGISTRATION_KEY: key };
  const workerPlaces = ["--hub", socket, "--data-dir", path.join(dir, "worker")];
  const workerArgs = ["worker", ...workerPlaces, "--client-auth", "hub"];
  const worker = startLeapmux(cleanup, workerArgs, { env });
  await until(() => worker.stdout().includes(`Linked to ${socket}`), "the link");
  first.signal("SIGKILL");
  await within(first.exited, "the end of the first hub");

  await startHub();
  // Another hub takes nothing from one that is alive.
  const other = ["--data-dir", path.join(dir, "other"), "--local-listen", socket];
  const refused = await runLeapmux(cleanup, [...hubArgs.slice(0, -1), "127.0.0.1:0", ...other]);
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/another program serves there\nStop that one/) as string,
  });
  const client = await connectClient(cleanup, url);
  const channel = await client.channel({ workerId: await client.onlineWorkerId() });
  expect((await channel.info.getWorkerInfo({})).os).toBe(process.platform);
});
