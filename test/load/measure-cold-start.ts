/** `cold_start`: from starting the process of `leapmux solo` to its first answer over HTTP, frontend built. */
import { makeCleanup } from "../harness/cleanup.ts";
import { freePort } from "../harness/free-port.ts";
import { startLeapmux } from "../harness/processes.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { elapsedMs, percentile, round } from "./summarise.ts";

const starts = 7;

export async function measureColdStart(): Promise<Record<string, Record<string, number>>> {
  const cleanup = makeCleanup();
  try {
    const dataDir = await makeTemporaryDirectory(cleanup);
    // The first start makes the keys of the worker and the database, and fills the compile cache.
    const firstRunMs = await start(dataDir);
    const samples: number[] = [];
    for (let index = 0; index < starts; index += 1) samples.push(await start(dataDir));
    return {
      cold_start: { ms: round(percentile(samples, 0.5)), first_run_ms: round(firstRunMs) },
    };
  } finally {
    await cleanup.run();
  }
}

async function start(dataDir: string): Promise<number> {
  const cleanup = makeCleanup();
  try {
    const port = await freePort();
    const startMs = performance.now();
    const solo = startLeapmux(cleanup, [
      "solo",
      "--listen",
      `127.0.0.1:${port}`,
      "--data-dir",
      dataDir,
    ]);
    while (!(await serves(`http://127.0.0.1:${port}/healthz`))) {
      if (!solo.isRunning()) throw new Error(`solo ended: ${solo.stderr()}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const ms = elapsedMs(startMs);
    solo.signal("SIGTERM");
    await solo.exited;
    return ms;
  } finally {
    await cleanup.run();
  }
}

async function serves(url: string): Promise<boolean> {
  const response = await fetch(url).catch(() => undefined);
  await response?.arrayBuffer();
  return response?.ok ?? false;
}
