import type { Keystore } from "../keystore/keystore.ts";
import type { SettingRow } from "../store/schema.ts";
import { sealedPlace } from "../store/sealed-columns.ts";
import { declarationOf, settingNames, type SettingName } from "./hub-settings.ts";

/** What was typed where somebody starts the hub: it stands above the database, and names its place. */
export interface PinnedSetting {
  readonly text: string;
  /** As a message names it: `--signup-enabled`, `LEAPMUX_HUB_SIGNUP_ENABLED`, `signup_enabled in config.yaml`. */
  readonly source: string;
}
export type PinnedSettings = Readonly<Partial<Record<SettingName, PinnedSetting>>>;

export type SettingSource = "pinned" | "database" | "built_in";

export interface EffectiveSetting {
  readonly text: string;
  readonly value: unknown;
  readonly source: SettingSource;
  /** Null: nobody wrote one. */
  readonly row: SettingRow | null;
  /** False: what stands in the database cannot be read, and the built-in value counts. */
  readonly isReadable: boolean;
}

export type EffectiveSettings = ReadonlyMap<SettingName, EffectiveSetting>;

/** Pinned, else the database, else built-in. What of the database cannot be read falls back to what is safe. */
export function readSettings(parts: {
  readonly rows: readonly SettingRow[];
  readonly pinned: PinnedSettings;
  readonly builtIn: (name: SettingName) => string;
  readonly keystore: Pick<Keystore, "open"> | null;
}): EffectiveSettings {
  const { pinned, builtIn, keystore } = parts;
  const rows = new Map(parts.rows.map((row) => [row.name, row]));
  const effective = new Map<SettingName, EffectiveSetting>();
  for (const name of settingNames) {
    const { kind } = declarationOf(name);
    const row = rows.get(name) ?? null;
    const written = row === null ? null : kind.parse(readText(name, row, keystore) ?? "\0");
    const isReadable = written === null || written.ok;
    const typed = pinned[name];
    if (typed !== undefined) {
      const parsed = kind.parse(typed.text);
      if (!parsed.ok) throw new Error(`${typed.source} ${parsed.rule}`);
      effective.set(name, { ...pick(parsed), source: "pinned", row, isReadable });
    } else if (written?.ok === true) {
      effective.set(name, { ...pick(written), source: "database", row, isReadable });
    } else {
      const parsed = kind.parse(builtIn(name));
      const text = parsed.ok ? parsed.text : builtIn(name);
      const value = parsed.ok ? parsed.value : undefined;
      effective.set(name, { text, value, source: "built_in", row, isReadable });
    }
  }
  return effective;
}

/** Null: sealed, and it does not open. */
function readText(
  name: string,
  { value, sealed }: SettingRow,
  keystore: Pick<Keystore, "open"> | null,
): string | null {
  if (declarationOf(name as SettingName).secret !== true) return value;
  if (sealed === null || keystore === null) return null;
  const opened = keystore.open(sealedPlace("setting", name), sealed);
  return opened.ok ? Buffer.from(opened.plaintext).toString() : null;
}

function pick({ text, value }: { readonly text: string; readonly value: unknown }) {
  return { text, value };
}
