/** The real hub and worker as processes of their own, as the figures of opening and echo need them. */
import type { Cleanup } from "../harness/cleanup.ts";
import { startLeapmux, type LeapmuxProcess } from "../harness/processes.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { startChild, type Child } from "./child.ts";

export interface BenchParts {
  readonly url: string;
  readonly hub: Child;
  readonly worker: LeapmuxProcess;
}

export async function startBenchParts(cleanup: Cleanup): Promise<BenchParts> {
  const hub = await startChild(
    cleanup,
    "./bench-hub.ts",
    [await makeTemporaryDirectory(cleanup)],
    ["--expose-gc"],
  );
  const { url, key } = JSON.parse(hub.ready) as { url: string; key: string };
  const dataDir = await makeTemporaryDirectory(cleanup);
  const worker = startLeapmux(
    cleanup,
    ["worker", "--hub", url, "--data-dir", dataDir, "--client-auth", "hub"],
    {
      env: { LEAPMUX_WORKER_REGISTRATION_KEY: key },
    },
  );
  return { url, hub, worker };
}
