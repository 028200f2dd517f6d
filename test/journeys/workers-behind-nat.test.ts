/** Hub and several workers as processes, each worker in a network that nobody can reach into. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { makeNamespace, whyNoNamespaces, worsen } from "../harness/network-namespace.ts";
import { endMark, printLinesCommand, wrongInLines } from "../harness/numbered-lines.ts";
import { openShell } from "../harness/open-shell.ts";
import { pairWorkerProcess, startPairedProcesses } from "../harness/start-paired-processes.ts";
import { until, within } from "../harness/until.ts";

test("three workers serve shells from networks without a way in, and come back when their ways out were cut", async ({
  skip,
}) => {
  if (whyNoNamespaces !== "") skip(whyNoNamespaces);
  const cleanup = cleanupAfterTest();
  const { url, directory, client, device } = await startPairedProcesses(cleanup);
  const hubPort = Number(new URL(url).port);
  const workers = await Promise.all(
    [1, 2, 3].map(async (number) => {
      const namespace = await makeNamespace(cleanup, { hubPort, directory });
      const dataDir = join(directory, `inside-${number}`);
      const { wrap } = namespace;
      return {
        namespace,
        ...(await pairWorkerProcess(cleanup, client, device, dataDir, { wrap })),
      };
    }),
  );

  for (const { namespace, workerId, compositePublicKey } of workers) {
    // It listens nowhere, and has no address that anybody could call.
    expect(await namespace.exec("ip", "-o", "addr", "show", "scope", "global")).toBe("");
    expect(await namespace.exec("ip", "route")).toBe("");
    expect(workers.filter((other) => other.compositePublicKey === compositePublicKey)).toHaveLength(
      1,
    );
    const { view } = await openShell(await client.channel({ workerId, claim: device.claim }));
    // Inside, nothing leads out but the way to the hub.
    view.type(`ip route get 192.0.2.1 2>&1 | tr -d '\\n'; echo " code-$((40 + 2))"\r`);
    await view.untilText(/unreachable.* code-42/s);
  }
  const channels = await Promise.all(
    workers.map(({ workerId }) => client.channel({ workerId, claim: device.claim })),
  );
  for (const { namespace } of workers) namespace.way.cut();
  for (const channel of channels) {
    expect(await within(channel.closed, "the channel to close")).toBe("worker_offline");
  }
  for (const { workerId } of workers) {
    await until(
      async () => (await client.openChannel({ workerId, claim: device.claim })).ok,
      "the worker back",
    );
  }
});

test("one whose packets are lost and late by the kernel prints every line", async ({ skip }) => {
  if (whyNoNamespaces !== "") skip(whyNoNamespaces);
  const cleanup = cleanupAfterTest();
  const { url, directory, client, device } = await startPairedProcesses(cleanup);
  const hubPort = Number(new URL(url).port);
  const namespace = await makeNamespace(cleanup, { hubPort, directory });
  const why = await worsen(namespace, { delayMs: 200, lossPercent: 5 });
  if (why !== "") skip(why);
  const dataDir = join(directory, "inside");
  const { workerId } = await pairWorkerProcess(cleanup, client, device, dataDir, namespace);
  const { view } = await openShell(await client.channel({ workerId, claim: device.claim }));
  const lines = 1_000;
  view.type(printLinesCommand(lines));
  await view.untilText(endMark, 60_000);
  expect(wrongInLines(view.text(), lines)).toBeUndefined();
});
