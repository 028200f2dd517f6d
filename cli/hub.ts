// `leapmux hub`: the relay alone, with logins. Workers on other machines register with keys that its
// users make in their browsers.
import type { hubSettings, SettingValues } from "./config/settings.ts";
import { takeDataDir } from "./data-dir.ts";
import type { Output } from "./output.ts";
import { printHub } from "./print-hub.ts";
import { startHub } from "./start-hub.ts";
import type { StopRequest } from "./stop-request.ts";

export interface HubOptions {
  settings: SettingValues<typeof hubSettings.table>;
  /** Where each of them was written, by name. */
  sources: ReadonlyMap<string, string>;
  output: Output;
  stop: StopRequest;
}

export async function runHub({ settings, sources, output, stop }: HubOptions): Promise<number> {
  const dataDir = takeDataDir(settings.dataDir, { groupMayList: true });
  const hub = await startHub({
    kind: "hub",
    settings,
    sources,
    dataDir: dataDir.path,
    logger: output.logger(settings.logLevel, settings.logRedactPatterns),
    output,
    stop,
  });
  printHub(hub, settings, output);
  await stop.asked;
  return await stop.finish([() => hub.close(), () => dataDir.release()]);
}
