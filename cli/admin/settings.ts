// `leapmux admin settings`: how a hub behaves, changed while it runs.
import { readFileSync } from "node:fs";
import { createClient } from "@connectrpc/connect";
import {
  type Setting,
  SettingSource,
  SettingsAdminService,
} from "@leapmux/proto/hub/v1/admin_settings_pb.ts";
import { CommandError } from "../command-error.ts";
import type { AdminCall, AdminFlag, AdminGroup } from "./admin-command.ts";
import { type Field, type FieldName, done, listOf, recordOf, timeOf } from "./admin-result.ts";
import { orMissing } from "./explain-refusal.ts";

const sources: Record<SettingSource, string> = {
  [SettingSource.UNSPECIFIED]: "unknown",
  [SettingSource.BUILT_IN]: "built-in",
  [SettingSource.DATABASE]: "database",
  [SettingSource.PINNED]: "pinned",
};

function valueOf({ secret, isSet, value }: Setting): string | null {
  if (secret) return isSet ? "(set)" : null;
  return value === "" ? null : value;
}

const brief: readonly Field<Setting>[] = [
  { name: "name", title: "Name", value: ({ name }) => name },
  { name: "value", title: "Value", value: valueOf },
  { name: "source", title: "Source", value: ({ source }) => sources[source] ?? "unknown" },
  { name: "pinned_at", title: "Pinned by", value: ({ pinnedAt }) => pinnedAt || null },
  { name: "range", title: "Range", value: ({ range }) => range },
];

const whole: readonly Field<Setting>[] = [
  ...brief,
  { name: "built_in", title: "Built-in", value: ({ builtIn }) => builtIn || null },
  { name: "unit", title: "Unit", value: ({ unit }) => unit || null },
  { name: "hot", title: "Takes effect at once", value: ({ hot }) => hot },
  {
    name: "unreadable",
    title: "Unreadable in the database",
    value: ({ unreadable }) => unreadable,
  },
  { name: "changed_by", title: "Changed by", value: ({ changedBy }) => changedBy || null },
  { name: "changed_at", title: "Changed", value: ({ changedAtMs }) => timeOf(changedAtMs) },
  { name: "meaning", title: "Meaning", value: ({ sentence }) => sentence },
];

const clientOf = ({ transport }: AdminCall) => createClient(SettingsAdminService, transport);

const nameFlag: AdminFlag = {
  name: "name",
  placeholder: "NAME",
  description: "The setting, as the list names it",
};

export const settingsGroup: AdminGroup = {
  name: "settings",
  description: "How the hub behaves: sign-up, times, quotas, mail",
  commands: [
    {
      name: "list",
      needsKeys: true,
      description: "Every setting, what it is now and where that stands",
      async run(call) {
        const { settings } = await clientOf(call).listSettings({});
        return listOf("settings", brief, { rows: settings });
      },
    },
    {
      name: "get",
      needsKeys: true,
      description: "Everything about one setting",
      flags: [nameFlag],
      async run(call) {
        const name = call.flags.required("name");
        const { setting } = await orMissing(clientOf(call).getSetting({ name }), missing(name));
        if (setting === undefined) throw new CommandError("failure", missing(name));
        return recordOf(whole, setting);
      },
    },
    {
      name: "set",
      needsKeys: true,
      description: "Change one setting, or with --file several that belong together",
      flags: [
        nameFlag,
        { name: "value", placeholder: "VALUE", description: "What it is to be" },
        {
          name: "file",
          placeholder: "FILE",
          description:
            "Read lines of name=value from this file, or with - from standard input: for passwords, and for what is judged together",
        },
      ],
      async run(call) {
        const settings = readPairs(call);
        const answer = await clientOf(call).setSettings({ settings });
        return changed("Set", answer.settings);
      },
    },
    {
      name: "reset",
      needsKeys: true,
      description: "Go back to the built-in value",
      flags: [{ ...nameFlag, placeholder: "NAMES", description: "The settings, between commas" }],
      async run(call) {
        const names = call.flags
          .required("name")
          .split(",")
          .map((name) => name.trim());
        const answer = await clientOf(call).resetSettings({ names });
        return changed("Reset", answer.settings);
      },
    },
  ],
};

function readPairs({ flags }: AdminCall): { name: string; value: string }[] {
  const file = flags.text("file");
  if (file === undefined) {
    const name = flags.required("name");
    if (name === "smtp_password") {
      throw new CommandError(
        "usage",
        "a password is not taken from a flag, where others can read it",
        "Write the line smtp_password=… to --file, or to standard input with --file -.",
      );
    }
    return [{ name, value: flags.required("value") }];
  }
  if (flags.has("name") || flags.has("value")) {
    throw new CommandError("usage", "--file stands alone: leave out --name and --value");
  }
  return readLines(file).map((line) => {
    const at = line.indexOf("=");
    if (at < 1) throw new CommandError("usage", "--file must hold lines such as smtp_port=587");
    return { name: line.slice(0, at).trim(), value: line.slice(at + 1).trim() };
  });
}

function readLines(file: string): string[] {
  try {
    const text = readFileSync(file === "-" ? 0 : file, "utf8");
    return text.split(/\r?\n/).filter((line) => line.trim() !== "" && !line.startsWith("#"));
  } catch (error) {
    throw new CommandError("usage", `--file: ${file} cannot be read`, undefined, error);
  }
}

function changed(verb: string, settings: readonly Setting[]) {
  const fieldsOf = (setting: Setting): Record<string, unknown> =>
    Object.fromEntries(
      brief.map(({ name, value }: Field<Setting> & FieldName) => [name, value(setting)]),
    );
  return done(
    settings.map((setting) => `${verb} ${setting.name}: ${valueOf(setting) ?? "none"}.`),
    { settings: settings.map(fieldsOf) },
  );
}

function missing(name: string): string {
  return `there is no setting ${name}`;
}
