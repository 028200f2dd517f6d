// `leapmux solo`: hub and worker in one process. The worker talks to the hub by the same calls as a
// distant one, only that they do not leave the process.
import path from "node:path";
import type { Environment } from "./config/environment.ts";
import type { SettingValues, soloSettings } from "./config/settings.ts";
import { formatAddress, isLoopback } from "./config/value-types.ts";
import { takeDataDir } from "./data-dir.ts";
import { openBrowser } from "./open-browser.ts";
import type { Output } from "./output.ts";
import { startBundledWorker } from "./start-bundled-worker.ts";
import { startHub } from "./start-hub.ts";
import type { StopRequest } from "./stop-request.ts";

export interface SoloOptions {
  settings: SettingValues<typeof soloSettings.table>;
  environment: Environment;
  output: Output;
  stop: StopRequest;
}

export async function runSolo({
  settings,
  environment,
  output,
  stop,
}: SoloOptions): Promise<number> {
  const { listen } = settings;
  if (!isLoopback(listen)) warnExposed(formatAddress(listen), output);

  // 1. Places: each part locks its own, so that `hub` or `worker` alone cannot take it either.
  const dataDir = takeDataDir(settings.dataDir);
  const hubDir = takeDataDir(path.join(settings.dataDir, "hub"), { groupMayList: true });
  const workerDir = takeDataDir(path.join(settings.dataDir, "worker"));

  // 2. Hub first: the worker dials it.
  const logger = output.logger(settings.logLevel, settings.logRedactPatterns);
  const hub = await startHub({
    kind: "solo",
    settings,
    dataDir: hubDir.path,
    logger: logger.child({ part: "hub" }),
    output,
    stop,
  });

  // A name, localhost included, means what this machine says that it means.
  if (hub.isExposed && isLoopback(listen)) warnExposed(formatAddress(listen), output);

  // 3. Its own worker, trusted without a registration key.
  const { worker, join } = await startBundledWorker({
    hub,
    settings,
    dataDir: workerDir.path,
    logger: logger.child({ part: "worker" }),
  });
  await join();

  output.print(`LeapMux is ready at ${hub.address.url}`);
  output.print(`Data: ${settings.dataDir}`);
  output.print("Stop with Ctrl-C.");
  if (shouldOpen(settings.open, environment, output)) openBrowser(hub.address.url);
  const { printFingerprint } = await import("./print-fingerprint.ts");
  await printFingerprint(worker.identity.compositePublicKey, output);

  await stop.asked;
  // The hub first: it takes nobody new and tells the pages how long to wait before their shells end.
  return await stop.finish([
    () => hub.close(),
    () => worker.stop(),
    () => [workerDir, hubDir, dataDir].forEach((dir) => dir.release()),
  ]);
}

function shouldOpen(
  choice: "auto" | "true" | "false",
  environment: Environment,
  output: Output,
): boolean {
  return choice === "true" || (choice === "auto" && output.interactive && environment.hasScreen);
}

function warnExposed(address: string, output: Output): void {
  output.warn(
    [
      `solo mode listens on ${address}, beyond this machine, and it has NO LOGIN.`,
      "Everybody who reaches this port can run commands as you.",
      "Keep others out by a firewall or a VPN, or better: listen on 127.0.0.1 and use an SSH tunnel:",
      "  ssh -L 4327:127.0.0.1:4327 this-machine",
    ].join("\n"),
  );
}
