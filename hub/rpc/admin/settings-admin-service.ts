import type { MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import {
  SettingSource as WireSource,
  type SettingSchema,
  type SettingsAdminService,
} from "@leapmux/proto/hub/v1/admin_settings_pb.ts";
import { consoleId } from "../../accounts/console-authenticator.ts";
import type { Keystore } from "../../keystore/keystore.ts";
import {
  declarationOf,
  isSettingName,
  settingNames,
  type SettingName,
} from "../../settings/hub-settings.ts";
import { mailOf, type LiveSettings } from "../../settings/live-settings.ts";
import type {
  EffectiveSetting,
  EffectiveSettings,
  SettingSource,
} from "../../settings/read-settings.ts";
import type { SettingRow } from "../../store/schema.ts";
import { sealedPlace } from "../../store/sealed-columns.ts";
import type { SettingRows } from "../../store/setting-rows.ts";
import type { Users } from "../../store/users.ts";
import { actingAdmin } from "../call-principal.ts";
import { requireShort } from "../check-request.ts";
import { refuse } from "../refusal.ts";

type SettingShape = MessageInitShape<typeof SettingSchema>;

export interface SettingsAdminParts {
  readonly settings: LiveSettings;
  readonly settingRows: SettingRows;
  /** Null: its keys are not there, so nothing can be sealed. */
  readonly keystore: Pick<Keystore, "seal"> | null;
  readonly users: Pick<Users, "find">;
  readonly wallMs: () => number;
}

/** The settings of the hub. The gate has asked for the role admin before any of this runs. */
export function settingsAdminService(
  parts: SettingsAdminParts,
): ServiceImpl<typeof SettingsAdminService> {
  const { settings, settingRows, keystore, users, wallMs } = parts;

  /** A name that exists and that an admin may change. */
  function requireOpen(text: string): SettingName {
    const name = requireSetting(text);
    const pinned = settings.pinned[name];
    if (pinned === undefined) return name;
    throw refuse(
      "setting_pinned",
      `${name} is pinned by ${pinned.source}: change it there, or take it away there first`,
    );
  }

  function requireNames(texts: readonly string[]): SettingName[] {
    const names = texts.map(requireOpen);
    if (names.length === 0 || new Set(names).size < names.length) {
      throw refuse("invalid_request", "name at least one setting, and each once");
    }
    return names;
  }

  function rowOf(name: SettingName, given: string): Pick<SettingRow, "name" | "value" | "sealed"> {
    const declared = declarationOf(name);
    const parsed = declared.kind.parse(requireShort(given, name));
    if (!parsed.ok) throw refuse("invalid_request", `${name} ${parsed.rule}`);
    if (declared.secret !== true) return { name, value: parsed.text, sealed: null };
    if (keystore === null) {
      throw refuse(
        "invalid_request",
        `${name} is kept sealed, and the keys for that cannot be read`,
      );
    }
    const sealed = keystore.seal(sealedPlace("setting", name), Buffer.from(parsed.text));
    return { name, value: null, sealed };
  }

  /** Judged as a whole, then written as a whole, unless somebody else wrote meanwhile. */
  async function change(
    context: HandlerContext,
    set: readonly Pick<SettingRow, "name" | "value" | "sealed">[],
    reset: readonly SettingName[],
  ): Promise<SettingShape[]> {
    const changedBy = actingAdmin(context) ?? consoleId;
    const atMs = wallMs();
    const sequence = await settingRows.lastSequence();
    const names = [...set.map((row) => row.name), ...reset];
    const rows = await settingRows.list();
    const others = rows.filter((row) => !names.includes(row.name));
    const fresh = set.map((row) => ({ ...row, changed_by: changedBy, changed_at_ms: atMs }));
    if (names.some((name) => name.startsWith("smtp_"))) {
      const next = settings.preview([...others, ...fresh]);
      const mail = mailOf(next);
      if (!mail.ok) throw refuse("invalid_request", mail.message);
      requirePasswordOfHost(settings.preview(rows), next, names);
    }
    const changed = await settingRows.change({ sequence, set, reset, changedBy, atMs });
    if (changed !== "changed") throw refuse("changed_meanwhile");
    await settings.reload();
    return Promise.all(names.map((name) => describe(name as SettingName)));
  }

  async function describe(name: SettingName): Promise<SettingShape> {
    const declared = declarationOf(name);
    const now = settings.effective().get(name);
    if (now === undefined) throw refuse("not_found");
    const isSecret = declared.secret === true;
    return {
      name,
      value: isSecret ? "" : now.text,
      builtIn: declared.builtIn,
      kind: declared.kind.name,
      range: declared.kind.range,
      unit: declared.kind.unit,
      sentence: declared.sentence,
      hot: declared.hot,
      secret: isSecret,
      isSet: now.text !== "",
      source: wireSources[now.source],
      pinnedAt: settings.pinned[name]?.source ?? "",
      unreadable: !now.isReadable,
      changedBy: await changerOf(now),
      changedAtMs: BigInt(now.row?.changed_at_ms ?? 0),
    };
  }

  async function changerOf({ row }: EffectiveSetting): Promise<string> {
    if (row === null || row.changed_by === consoleId) return row?.changed_by ?? "";
    return (await users.find(row.changed_by))?.username ?? "";
  }

  return {
    async listSettings() {
      return { settings: await Promise.all(settingNames.map(describe)) };
    },
    async getSetting(request) {
      return { setting: await describe(requireSetting(request.name)) };
    },
    async setSettings(request, context) {
      requireNames(request.settings.map(({ name }) => name));
      const rows = request.settings.map(({ name, value }) => rowOf(requireOpen(name), value));
      return { settings: await change(context, rows, []) };
    },
    async resetSettings(request, context) {
      return { settings: await change(context, [], requireNames(request.names)) };
    },
  };
}

/**
 * The password is one for the server that it was given for. Whoever may change settings must not be able to
 * learn it, by having the hub log in with it at a server of their own.
 */
function requirePasswordOfHost(
  before: EffectiveSettings,
  next: EffectiveSettings,
  changed: readonly string[],
): void {
  const password = before.get("smtp_password");
  const isKept = password?.text !== "" || !password.isReadable;
  const isSameHost = before.get("smtp_host")?.text === next.get("smtp_host")?.text;
  if (isSameHost || !isKept || changed.includes("smtp_password")) return;
  throw refuse(
    "invalid_request",
    password?.source === "pinned"
      ? "smtp_password is pinned for another smtp_host: change both where it is pinned"
      : "smtp_password is for another smtp_host: give it anew, both at once",
  );
}

const wireSources: Record<SettingSource, WireSource> = {
  built_in: WireSource.BUILT_IN,
  database: WireSource.DATABASE,
  pinned: WireSource.PINNED,
};

function requireSetting(text: string): SettingName {
  if (isSettingName(text)) return text;
  throw refuse("not_found", "there is no such setting: list them to see which there are");
}
