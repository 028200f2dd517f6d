// `leapmux hub`: the relay alone. Workers register with the key that is printed at the start.
import { CommandError } from "./command-error.ts";
import type { hubSettings, SettingValues } from "./config/settings.ts";
import { isLoopback } from "./config/value-types.ts";
import { takeDataDir } from "./data-dir.ts";
import type { Output } from "./output.ts";
import { startHub } from "./start-hub.ts";
import type { StopRequest } from "./stop-request.ts";

export interface HubOptions {
  settings: SettingValues<typeof hubSettings.table>;
  output: Output;
  stop: StopRequest;
}

export async function runHub({ settings, output, stop }: HubOptions): Promise<number> {
  if (!isLoopback(settings.listen)) {
    throw new CommandError(
      "usage",
      "a hub needs logins for anything but loopback, and this version has none yet",
      "Listen on 127.0.0.1 and use an SSH tunnel.",
    );
  }
  const dataDir = takeDataDir(settings.dataDir);
  const hub = await startHub({
    kind: "hub",
    settings,
    dataDir: dataDir.path,
    logger: output.logger(settings.logLevel),
    output,
    stop,
  });
  const { key, expiresAtMs } = await hub.mintRegistrationKey();
  const minutes = Math.round((expiresAtMs - Date.now()) / 60_000);

  output.print(`LeapMux hub is ready at ${hub.address.url}`);
  if (settings.localListen !== undefined) output.print(`and at unix:${settings.localListen}`);
  output.print(`Data: ${settings.dataDir}`);
  output.print(`Register a worker, once, within ${minutes} minutes:`);
  output.print(`  LEAPMUX_WORKER_REGISTRATION_KEY=${key} leapmux worker --hub ${hub.address.url}`);
  output.print("Stop with Ctrl-C.");

  await stop.asked;
  return await stop.finish([() => hub.close(), () => dataDir.release()]);
}
