// The worker of `solo` and `dev`: in the hub's process, known to the hub without a registration key.
import { createRouterTransport } from "@connectrpc/connect";
import type { Hub } from "@leapmux/hub/context.ts";
import type { Worker, WorkerOptions } from "@leapmux/worker/context.ts";
import type { devSettings, SettingValues, soloSettings } from "./config/settings.ts";
import { startWorker } from "./start-worker.ts";

const name = "This machine";

export interface BundledWorker {
  readonly worker: Worker;
  /** Resolves when the hub has somebody to give the worker to; it is dialling then. */
  join(): Promise<void>;
}

export async function startBundledWorker({
  hub,
  settings,
  dataDir,
  logger,
}: Pick<WorkerOptions, "dataDir" | "logger"> & {
  readonly hub: Hub;
  readonly settings:
    | SettingValues<typeof soloSettings.table>
    | SettingValues<typeof devSettings.table>;
}): Promise<BundledWorker> {
  const mode = settings.encryptionMode;
  const worker = await startWorker({
    dataDir,
    transport: createRouterTransport((router) => hub.routes(router)),
    name,
    mode,
    clientAuth: "hub",
    bundled: true,
    maxMessageBytes: settings.maxMessageSize,
    useLoginShell: settings.useLoginShell,
    logger,
  });
  const { workerId, workerToken, compositePublicKey } = worker.identity;
  if (workerToken === null) throw new Error("a bundled worker makes its own token");
  return {
    worker,
    async join() {
      await hub.trustBundledWorker({ workerId, workerToken, compositePublicKey, mode, name });
      worker.start();
    },
  };
}
