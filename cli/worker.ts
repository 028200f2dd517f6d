// `leapmux worker`: links this machine to a hub. Registers with a key once; from then on the identity
// in the data directory is enough.
import { CommandError } from "./command-error.ts";
import type { SettingValues, workerSettings } from "./config/settings.ts";
import { takeDataDir } from "./data-dir.ts";
import type { Output } from "./output.ts";
import { registerOnce } from "./register-once.ts";
import { startWorker } from "./start-worker.ts";
import type { StopRequest } from "./stop-request.ts";

export interface WorkerCommandOptions {
  settings: SettingValues<typeof workerSettings.table>;
  output: Output;
  stop: StopRequest;
}

export async function runWorker(options: WorkerCommandOptions): Promise<number> {
  const { settings, output, stop } = options;
  const dataDir = takeDataDir(settings.dataDir);
  const { makeHubTransport } = await import("@leapmux/worker/link/dial-hub.ts");
  const { makeLinkMemory } = await import("@leapmux/worker/store/link-memory.ts");
  const linkMemory = makeLinkMemory(dataDir.path, settings.hub);
  const transport = makeHubTransport(settings.hub, {
    link: settings.link,
    remembered: linkMemory.read(),
    onWorked: linkMemory.write,
  });
  const worker = await startWorker({
    dataDir: dataDir.path,
    transport,
    name: settings.name,
    mode: settings.encryptionMode,
    clientAuth: "hub",
    maxMessageBytes: settings.maxMessageSize,
    useLoginShell: settings.useLoginShell,
    database: { cacheBytes: settings.dbCacheSize, mmapBytes: settings.dbMmapSize },
    bundled: false,
    logger: output.logger(settings.logLevel),
  });
  const end = [() => worker.stop(), () => dataDir.release()];

  try {
    const registered = await registerOnce({ worker, settings, output, signal: stop.signal });
    if (!registered) return await stop.finish(end);
  } catch (error) {
    await stop.finish(end);
    throw error;
  }

  const refused = Promise.withResolvers<string>();
  worker.onState((state, reason) => {
    if (state === "online") output.print(`Linked to ${settings.hub} as "${settings.name}".`);
    if (state === "waiting") output.progress(`No link to ${settings.hub}; trying again …`);
    if (state === "refused") refused.resolve(reason);
  });
  worker.start();
  output.print(`Data: ${settings.dataDir}`);
  output.print("Stop with Ctrl-C.");
  const { printFingerprint } = await import("./print-fingerprint.ts");
  await printFingerprint(worker.identity.compositePublicKey, output);

  const reason = await Promise.race([stop.asked, refused.promise]);
  const code = await stop.finish(end);
  if (reason === undefined) return code;
  throw new CommandError(
    "failure",
    `the hub at ${settings.hub} refuses this worker (${reason})`,
    "If it was removed there, register again: a new --data-dir and a new key from the hub.",
  );
}
