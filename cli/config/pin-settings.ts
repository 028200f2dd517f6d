// Which settings of the hub's database are decided where the hub is started: those that somebody wrote, and
// not those that only have a built-in value there.
import { isSettingName } from "@leapmux/hub/settings/hub-settings.ts";
import type { PinnedSettings } from "@leapmux/hub/settings/read-settings.ts";
import { fileKey } from "./settings.ts";

/** By the names of the database, each as the hub would keep it. */
export function pinSettings(
  values: Readonly<Record<string, unknown>>,
  sources: ReadonlyMap<string, string>,
): PinnedSettings {
  const pinned: Record<string, { text: string; source: string }> = {};
  for (const [name, source] of sources) {
    const key = fileKey(name);
    if (!isSettingName(key)) continue;
    const value = values[name];
    // The only one with a unit: here it is milliseconds.
    const text = name === "loginIdleTime" ? `${Number(value) / 1000}s` : String(value);
    pinned[key] = { text, source };
  }
  return pinned;
}
