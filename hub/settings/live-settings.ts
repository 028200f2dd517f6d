import {
  checkMailSettings,
  type CheckedMailSettings,
  type MailSettings,
} from "../config/mail-settings.ts";
import type { HubLimits } from "../config/hub-limits.ts";
import type { Keystore } from "../keystore/keystore.ts";
import { every, type HubClock } from "../ops/hub-clock.ts";
import type { HubLog } from "../ops/hub-log.ts";
import type { SettingRows } from "../store/setting-rows.ts";
import {
  declarationOf,
  settingNames,
  type SettingName,
  type SettingValue,
} from "./hub-settings.ts";
import { formatDuration } from "./setting-kinds.ts";
import { readSettings, type EffectiveSettings, type PinnedSettings } from "./read-settings.ts";

/**
 * The settings as they are at this moment. Whoever changes them in this process reads them anew behind the
 * commit; a look at the sequence each second finds what other processes wrote. `value` and `limits` are asked
 * at each use, never kept.
 */
export interface LiveSettings {
  value<Name extends SettingName>(name: Name): SettingValue<Name>;
  /** The hub's bounds, where those that a setting moves are what it says now. */
  readonly limits: HubLimits;
  /** Null: this hub sends no mail. */
  mail(): MailSettings | null;
  effective(): EffectiveSettings;
  readonly pinned: PinnedSettings;
  /** How the settings would be read if these rows were all there is. */
  preview(rows: Parameters<typeof readSettings>[0]["rows"]): EffectiveSettings;
  /** The last change that was read. */
  readonly sequence: number;
  reload(): Promise<void>;
  onChanged(changed: () => void): void;
  stop(): Promise<void>;
}

export async function makeLiveSettings(parts: {
  readonly rows: SettingRows;
  readonly pinned: PinnedSettings;
  /** With the bounds of whoever made this hub, which take the place of the built-in ones. */
  readonly limits: HubLimits;
  readonly keystore: Keystore | null;
  readonly clock: HubClock;
  readonly log: HubLog;
}): Promise<LiveSettings> {
  const { rows, pinned, limits, keystore, clock, log } = parts;
  const builtIn = (name: SettingName): string => {
    const declared = declarationOf(name);
    const [limit] = declared.limits ?? [];
    if (limit === undefined) return declared.builtIn;
    return declared.kind.name === "time" ? formatDuration(limits[limit]) : String(limits[limit]);
  };
  const preview: LiveSettings["preview"] = (written) =>
    readSettings({ rows: written, pinned, builtIn, keystore });
  const listeners: (() => void)[] = [];

  let sequence = await rows.lastSequence();
  let effective = preview(await rows.list());
  let mail = mailOf(effective);
  warn();

  function warn(): void {
    for (const [name, { isReadable }] of effective) {
      if (!isReadable) log.warn("setting unreadable: the built-in value counts", { kind: name });
    }
    if (!mail.ok) log.warn("mail settings do not fit together: nothing is mailed");
  }

  async function reload(): Promise<void> {
    // First the number: what is written in between is read once more at the next look.
    const next = await rows.lastSequence();
    const before = effective;
    effective = preview(await rows.list());
    sequence = next;
    mail = mailOf(effective);
    warn();
    const changed = settingNames.filter(
      (name) => before.get(name)?.text !== effective.get(name)?.text,
    );
    for (const name of changed) log.info("setting changed", { kind: name });
    if (changed.length > 0) for (const listener of listeners) listener();
  }

  let reloading: Promise<void> = Promise.resolve();
  const queue = (run: () => Promise<void>): Promise<void> =>
    (reloading = reloading.then(run).catch((error: unknown) => {
      log.failure("settings could not be read", error);
    }));
  const stopLooking = every(clock, limits.revocationCheckMs, () => {
    void queue(async () => {
      if ((await rows.lastSequence()) !== sequence) await reload();
    });
  });

  const live = { ...limits };
  for (const name of settingNames) {
    for (const limit of declarationOf(name).limits ?? []) {
      const get = (): number => {
        const { source, value } = effective.get(name) ?? { source: "built_in" };
        return source === "built_in" ? limits[limit] : (value as number);
      };
      Object.defineProperty(live, limit, { enumerable: true, get });
    }
  }

  return {
    // Each was parsed by the kind of its own declaration.
    value: <Name extends SettingName>(name: Name) =>
      effective.get(name)?.value as SettingValue<Name>,
    limits: live,
    mail: () => (mail.ok ? mail.settings : null),
    effective: () => effective,
    pinned,
    preview,
    get sequence() {
      return sequence;
    },
    reload: () => queue(reload),
    onChanged: (changed) => void listeners.push(changed),
    async stop() {
      stopLooking();
      await reloading;
    },
  };
}

/** Whether what concerns mail fits together. */
export function mailOf(effective: EffectiveSettings): CheckedMailSettings {
  const value = <Name extends SettingName>(name: Name) =>
    effective.get(name)?.value as SettingValue<Name>;
  return checkMailSettings({
    smtpHost: value("smtp_host"),
    smtpPort: value("smtp_port"),
    smtpUsername: value("smtp_username"),
    smtpPassword: value("smtp_password"),
    smtpFromAddress: value("smtp_from_address"),
    smtpTlsMode: value("smtp_tls_mode"),
  });
}
