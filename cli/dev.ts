// `leapmux dev`: a hub with logins and a worker, in one process. The worker belongs to the first admin and
// waits for that account.
import path from "node:path";
import type { devSettings, SettingValues } from "./config/settings.ts";
import { takeDataDir } from "./data-dir.ts";
import type { Output } from "./output.ts";
import { printHub } from "./print-hub.ts";
import { startBundledWorker } from "./start-bundled-worker.ts";
import { startHub } from "./start-hub.ts";
import type { StopRequest } from "./stop-request.ts";

export interface DevOptions {
  settings: SettingValues<typeof devSettings.table>;
  /** Where each of them was written, by name. */
  sources: ReadonlyMap<string, string>;
  output: Output;
  stop: StopRequest;
}

export async function runDev({ settings, sources, output, stop }: DevOptions): Promise<number> {
  const dataDir = takeDataDir(settings.dataDir);
  const hubDir = takeDataDir(path.join(settings.dataDir, "hub"), { groupMayList: true });
  const workerDir = takeDataDir(path.join(settings.dataDir, "worker"));
  const logger = output.logger(settings.logLevel, settings.logRedactPatterns);
  const hub = await startHub({
    kind: "dev",
    settings,
    sources,
    dataDir: hubDir.path,
    logger: logger.child({ part: "hub" }),
    output,
    stop,
  });
  const { worker, join } = await startBundledWorker({
    hub,
    settings,
    dataDir: workerDir.path,
    logger: logger.child({ part: "worker" }),
  });
  printHub(hub, settings, output);
  const { printFingerprint } = await import("./print-fingerprint.ts");
  await printFingerprint(worker.identity.compositePublicKey, output);

  // Its failure is one of the start; otherwise it goes on until somebody stops it.
  await Promise.race([stop.asked, join().then(() => stop.asked)]);
  return await stop.finish([
    () => hub.close(),
    () => worker.stop(),
    () => [workerDir, hubDir, dataDir].forEach((dir) => dir.release()),
  ]);
}
