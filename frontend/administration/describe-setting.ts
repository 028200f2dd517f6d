import { type Setting, SettingSource } from "@leapmux/proto/hub/v1/admin_settings_pb.ts";

/** "smtp_host" as a title: "SMTP host". */
export function titleOfSetting(name: string): string {
  const words = name
    .replaceAll("_", " ")
    .replace(/\bsmtp\b/g, "SMTP")
    .replace(/\btls\b/g, "TLS");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export type SettingGroup = "Accounts and logins" | "Limits" | "Mail";

/** By what it is, so that a setting of tomorrow has its place too. */
export function groupOfSetting({ name, kind }: Pick<Setting, "name" | "kind">): SettingGroup {
  if (name.startsWith("smtp_")) return "Mail";
  return kind === "number" ? "Limits" : "Accounts and logins";
}

/** The words of a choice, from how its range is written: "starttls, implicit or none". */
export function choicesOf(range: string): string[] {
  return range.split(/, | or /).filter((word) => word !== "");
}

/** What it can hold, in one phrase; empty where its control says so by itself. */
export function describeRange({
  kind,
  range,
  unit,
}: Pick<Setting, "kind" | "range" | "unit">): string {
  if (kind === "switch" || kind === "choice") return "";
  return unit === "" ? range : `${range} (${unit})`;
}

/** Why it has the value that it has, but for when and by whom. */
export function describeSource(
  setting: Pick<Setting, "source" | "pinnedAt" | "builtIn" | "secret" | "kind">,
): string {
  switch (setting.source) {
    case SettingSource.PINNED:
      return `Pinned by ${setting.pinnedAt}: change it there`;
    case SettingSource.DATABASE:
      return setting.secret ? "" : `built in: ${describeValue(setting.kind, setting.builtIn)}`;
    default:
      return "built in";
  }
}

export function describeValue(kind: string, value: string): string {
  if (kind === "switch") return value === "true" ? "on" : "off";
  return value === "" ? "nothing" : value;
}

/** The hub begins what is wrong with one setting with its name; the rest becomes a sentence beside it. */
export function splitMessage(
  message: string,
  names: readonly string[],
): { readonly name: string; readonly text: string } | undefined {
  const name = names.find((each) => message.startsWith(`${each} `));
  if (name === undefined) return undefined;
  const rest = message.slice(name.length + 1);
  const text = rest.charAt(0).toUpperCase() + rest.slice(1);
  return { name, text: /[.!?]$/.test(text) ? text : `${text}.` };
}
