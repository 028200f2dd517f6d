/**
 * 200 MB through separate hub and worker processes to a client that reads slowly: all of it arrives, in
 * order, and neither process ever holds more than a small part of it.
 */
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import {
  hashOfNumberedLines,
  lineBytes,
  makeLinesHash,
  printLinesCommand,
} from "../harness/numbered-lines.ts";
import { openShell } from "../harness/open-shell.ts";
import { startProcesses } from "../harness/start-processes.ts";
import { reconnect } from "../harness/stubborn-client.ts";
import { makeTerminalView } from "../harness/terminal-view.ts";
import { until } from "../harness/until.ts";

const lines = 2_000_000;
const mebibyte = 1024 * 1024;
/** What garbage collectors and a full scrollback may add, and below the 200 MB that pass. */
const allowedGrowth = { hub: 96 * mebibyte, worker: 160 * mebibyte };
/** From the first half of the stream to the second: what grew with the stream would show here. */
const allowedTrend = 48 * mebibyte;

test("200 MB arrive whole through a slow reader, hub and worker stay small", async () => {
  const cleanup = cleanupAfterTest();
  const processes = await startProcesses(cleanup);
  const { channel } = await reconnect(cleanup, processes.url);
  const { terminalId, view: first } = await openShell(channel);
  // Alone: of several views the slow one would be let fall behind.
  await first.detach();

  const hash = makeLinesHash();
  const most = { first: { hub: 0, worker: 0 }, second: { hub: 0, worker: 0 } };
  const atStart = await memory(processes);
  let nextLookAt = 0;
  let stops = 0;
  const view = makeTerminalView(terminalId, {
    async onOutput(bytes) {
      hash.add(bytes);
      if (hash.bytes < nextLookAt) {
        // Never as fast as it could: other work comes first after every piece.
        await turn();
        return;
      }
      nextLookAt = hash.bytes + 10 * mebibyte;
      stops += 1;
      // Reads nothing at all until the others have stopped growing.
      await untilStill(processes);
      const now = await memory(processes);
      const half = most[hash.bytes < (lines * lineBytes) / 2 ? "first" : "second"];
      half.hub = Math.max(half.hub, now.hub - atStart.hub);
      half.worker = Math.max(half.worker, now.worker - atStart.worker);
    },
  });
  await view.attach(channel.terminals);
  view.type(printLinesCommand(lines));
  await until(() => hash.digest !== undefined || view.ended() !== undefined, "the end", 150_000);

  expect(hash.bytes).toBe(lines * lineBytes);
  expect(hash.digest).toBe(hashOfNumberedLines(lines));
  expect(stops).toBeGreaterThan(15);
  if (process.platform !== "linux") return;
  for (const part of ["hub", "worker"] as const) {
    const { first, second } = most;
    expect(Math.max(first[part], second[part]), part).toBeLessThan(allowedGrowth[part]);
    expect(second[part] - first[part], part).toBeLessThan(allowedTrend);
  }
}, 180_000);

type Processes = Awaited<ReturnType<typeof startProcesses>>;

async function memory(processes: Processes): Promise<{ hub: number; worker: number }> {
  return {
    hub: (await processes.hub().residentBytes()) ?? 0,
    worker: (await processes.worker().residentBytes()) ?? 0,
  };
}

/** Until three looks in a row show the same memory: whoever was producing has stopped. */
async function untilStill(processes: Processes): Promise<void> {
  let same = 0;
  let last = -1;
  await until(
    async () => {
      const now = await memory(processes);
      const total = now.hub + now.worker;
      same = Math.abs(total - last) < mebibyte / 4 ? same + 1 : 0;
      last = total;
      return same >= 3;
    },
    "hub and worker to come to rest",
    20_000,
  );
}
