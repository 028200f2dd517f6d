import { existsSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { declarationOf } from "@leapmux/hub/settings/hub-settings.ts";
import { readSettings, type PinnedSettings } from "@leapmux/hub/settings/read-settings.ts";
import type { SettingRow } from "@leapmux/hub/store/schema.ts";

/** What of a hub's settings its admins may have changed while it runs. */
export interface StoredSettings {
  readonly signupEnabled: boolean;
  readonly loginIdleTime: number;
  readonly smtpHost: string | undefined;
  readonly smtpTlsMode: string;
}

/** As the hub takes them: typed, else out of its database, else built-in. Nothing secret is opened. */
export function readStoredSettings(dataDir: string, pinned: PinnedSettings): StoredSettings {
  const effective = readSettings({
    rows: readRows(path.join(dataDir, "hub.db")),
    pinned,
    builtIn: (name) => declarationOf(name).builtIn,
    keystore: null,
  });
  const host = effective.get("smtp_host")?.text ?? "";
  return {
    signupEnabled: effective.get("signup_enabled")?.value === true,
    loginIdleTime: Number(effective.get("login_idle_time")?.value),
    smtpHost: host === "" ? undefined : host,
    smtpTlsMode: effective.get("smtp_tls_mode")?.text ?? "",
  };
}

/** A database that cannot be read is told by another check; one of an older version has none. */
function readRows(file: string): SettingRow[] {
  if (!existsSync(file)) return [];
  try {
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      return database.prepare("select * from settings").all() as unknown as SettingRow[];
    } finally {
      database.close();
    }
  } catch {
    return [];
  }
}
