import { isIP } from "node:net";
import { isMailAddress, type MailTlsMode } from "../config/mail-settings.ts";

/**
 * What a setting can hold. Everything comes and is kept as text, as somebody would type it, so that command
 * line, page and database are read by the same rules; what is wrong is refused with the rule it breaks.
 */
export interface SettingKind<Value> {
  readonly name: string;
  /** As a table shows it. */
  readonly range: string;
  readonly unit: string;
  parse(text: string): ParsedSetting<Value>;
}

export type ParsedSetting<Value> =
  /** `text` is the same value in the one way in which it is kept. */
  | { readonly ok: true; readonly value: Value; readonly text: string }
  /** What it must be, without the value: it may be a secret. */
  | { readonly ok: false; readonly rule: string };

const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof units;

export function formatDuration(ms: number): string {
  const fitting = (["d", "h", "m"] as const).find((unit) => ms % units[unit] === 0);
  return `${ms / units[fitting ?? "s"]}${fitting ?? "s"}`;
}

function parseDuration(text: string): number | null {
  const parts = /^(\d{1,9})(s|m|h|d)$/.exec(text.trim());
  return parts === null ? null : Number(parts[1]) * units[parts[2] as Unit];
}

/** In milliseconds. */
export function duration(least: string, most: string): SettingKind<number> {
  const [leastMs, mostMs] = [parseDuration(least) ?? 0, parseDuration(most) ?? 0];
  return {
    name: "time",
    range: `${least} to ${most}`,
    unit: "s, m, h or d",
    parse(text) {
      const ms = parseDuration(text);
      if (ms === null) return wrong("must be a time such as 30m, 12h or 7d");
      if (ms < leastMs || ms > mostMs) return wrong(`must be from ${least} to ${most}`);
      return { ok: true, value: ms, text: formatDuration(ms) };
    },
  };
}

export function count(least: number, most: number, unit: string): SettingKind<number> {
  return {
    name: "number",
    range: `${least} to ${most}`,
    unit,
    parse(text) {
      const isWhole = /^\d{1,9}$/.test(text.trim());
      const value = Number(text);
      return isWhole && value >= least && value <= most
        ? { ok: true, value, text: String(value) }
        : wrong(`must be a whole number from ${least} to ${most}`);
    },
  };
}

export const onOff: SettingKind<boolean> = {
  name: "switch",
  range: "true or false",
  unit: "",
  parse(text) {
    const given = text.trim().toLowerCase();
    if (["true", "yes", "on", "1"].includes(given)) return { ok: true, value: true, text: "true" };
    if (["false", "no", "off", "0"].includes(given))
      return { ok: true, value: false, text: "false" };
    return wrong("must be true or false");
  },
};

export const mailTlsMode: SettingKind<MailTlsMode> = {
  name: "choice",
  range: "starttls, implicit or none",
  unit: "",
  parse(text) {
    const value = (["starttls", "implicit", "none"] as const).find((each) => each === text.trim());
    return value === undefined
      ? wrong("must be starttls, implicit or none")
      : { ok: true, value, text: value };
  },
};

/** Text of a form; empty where there is none. */
function textKind(
  name: string,
  rule: string,
  isFine: (value: string) => boolean,
): SettingKind<string> {
  return {
    name,
    range: rule,
    unit: "",
    parse(given) {
      const value = given.trim();
      return value === "" || isFine(value)
        ? { ok: true, value, text: value }
        : wrong(`must be ${rule}`);
    },
  };
}

export const hostName = textKind(
  "host",
  "a host name or an address, without a port",
  (value) => isIP(value) !== 0 || /^[A-Za-z0-9.-]{1,253}$/.test(value),
);

export const mailAddress = textKind("address", "an address such as hub@example.com", isMailAddress);

const noControls = (value: string): boolean => value.length <= 256 && !/\p{Cc}/u.test(value);

export const plainText = textKind("text", "at most 256 characters", noControls);

/** Never shown again, and sealed where it is kept. */
export const secretText = textKind("secret", "at most 256 characters", noControls);

function wrong(rule: string): { readonly ok: false; readonly rule: string } {
  return { ok: false, rule };
}
