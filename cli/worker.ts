// `leapmux worker`: links this machine to a hub. Registers with a key once; from then on the identity
// in the data directory is enough.
import type { Worker } from "@leapmux/worker/context.ts";
import { CommandError } from "./command-error.ts";
import { describePairing } from "./describe-pairing.ts";
import type { SettingValues, workerSettings } from "./config/settings.ts";
import { takeDataDir } from "./data-dir.ts";
import type { Output } from "./output.ts";
import { registerOnce } from "./register-once.ts";
import { refusedBefore } from "./refused-before.ts";
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
    clientAuth: settings.clientAuth,
    hubAddress: settings.hub,
    maxMessageBytes: settings.maxMessageSize,
    useLoginShell: settings.useLoginShell,
    database: { cacheBytes: settings.dbCacheSize, mmapBytes: settings.dbMmapSize },
    bundled: false,
    logger: output.logger(settings.logLevel, settings.logRedactPatterns),
  });
  const end = [() => worker.stop(), () => dataDir.release()];

  worker.onPairing((outcome) => {
    const told = describePairing(outcome, settings.clientAuth);
    if (told) output[told.by](told.text);
  });
  try {
    const registered = await registerOnce({ worker, settings, output, signal: stop.signal });
    if (!registered) return await stop.finish(end);
  } catch (error) {
    await stop.finish(end);
    throw error;
  }

  const ended = Promise.withResolvers<{ state: "refused" | "deregistered"; reason: string }>();
  worker.onState((state, reason) => {
    if (state === "online") output.print(`Linked to ${settings.hub} as "${settings.name}".`);
    if (state === "waiting") output.progress(`No link to ${settings.hub}; trying again …`);
    if (state === "refused" || state === "deregistered") ended.resolve({ state, reason });
  });
  worker.start();
  output.print(`Data: ${settings.dataDir}`);
  output.print("Stop with Ctrl-C.");
  const { printFingerprint } = await import("./print-fingerprint.ts");
  await printFingerprint(worker.identity.compositePublicKey, output);

  const last = await Promise.race([stop.asked, ended.promise]);
  const code = await stop.finish(end);
  if (last === undefined) return code;
  return tellEnd(last, worker, settings.hub, output);
}

function tellEnd(
  { state, reason }: { state: "refused" | "deregistered"; reason: string },
  { isWiped, refusedState }: Pick<Worker, "isWiped" | "refusedState">,
  hub: string,
  output: Output,
): number {
  if (state === "deregistered" && isWiped) {
    output.print(`This worker was deregistered at ${hub}: its keys and its token are wiped.`);
    output.print("To use it again, register it with a new key from the hub.");
    return 0;
  }
  if (state === "deregistered") {
    throw new CommandError(
      "failure",
      `this worker was deregistered at ${hub}, but its credentials could not be wiped`,
      "Remove state.json from its data directory.",
    );
  }
  if (refusedState !== null) throw refusedBefore(hub, refusedState);
  throw new CommandError(
    "failure",
    `the hub at ${hub} refuses this worker (${reason})`,
    "If it was removed there, register again: a new --data-dir and a new key from the hub.",
  );
}
