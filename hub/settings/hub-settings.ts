import type { HubLimits } from "../config/hub-limits.ts";
import {
  count,
  duration,
  hostName,
  mailAddress,
  mailTlsMode,
  onOff,
  plainText,
  secretText,
  type SettingKind,
} from "./setting-kinds.ts";

/**
 * How a hub behaves, as far as its admins may decide: each setting once, with all that is to be known of it.
 * The documentation's table, the command line and the page of the admins follow from here, and so do the
 * flags of those that have one. Where a hub lives and listens is none of these: that stays with whoever starts it.
 * A name that is here once is never given another meaning.
 */
export interface SettingDeclaration<Value = unknown> {
  readonly kind: SettingKind<Value>;
  readonly builtIn: string;
  readonly sentence: string;
  /** Takes effect while the hub runs; otherwise with its next start. */
  readonly hot: boolean;
  /** Kept sealed, and never shown. */
  readonly secret?: true;
  /** The bounds that it moves. Their own built-in value is this one's. */
  readonly limits?: readonly (keyof HubLimits)[];
}

export const hubSettings = {
  signup_enabled: {
    kind: onOff,
    builtIn: "false",
    sentence: "Let everybody who reaches the hub make an account; otherwise admins invite",
    hot: true,
  },
  login_idle_time: {
    kind: duration("5m", "365d"),
    builtIn: "7d",
    sentence: "A login that was not used for so long ends, with everything open on it; 5m to 365d",
    hot: true,
  },
  invitation_time: {
    kind: duration("1h", "90d"),
    builtIn: "7d",
    sentence: "How long an invitation that is made from now on can be accepted",
    hot: true,
    limits: ["invitationMs"],
  },
  password_reset_time: {
    kind: duration("5m", "7d"),
    builtIn: "1d",
    sentence: "How long a link to a new password that is made from now on can be used",
    hot: true,
    limits: ["passwordResetMs"],
  },
  access_token_time: {
    kind: duration("5m", "24h"),
    builtIn: "1h",
    sentence: "How long the access token of an API token is good, from its next refresh on",
    hot: true,
    limits: ["accessTokenMs"],
  },
  refresh_token_time: {
    kind: duration("1d", "365d"),
    builtIn: "90d",
    sentence: "How long its refresh token is good, from its next refresh on",
    hot: true,
    limits: ["refreshTokenMs"],
  },
  max_channels_per_login: {
    kind: count(1, 4_096, "channels"),
    builtIn: "256",
    sentence: "Channels that one login or API token may have open in all its windows",
    hot: true,
    limits: ["maxChannelsPerLogin"],
  },
  max_windows_per_login: {
    kind: count(1, 1_024, "WebSockets"),
    builtIn: "64",
    sentence: "Links that one login or API token may have open",
    hot: true,
    limits: ["maxClientLinksPerLogin"],
  },
  openings_per_minute: {
    kind: count(1, 10_000, "openings a minute"),
    builtIn: "60",
    sentence: "Channels that one login or API token may open, at once and per minute",
    hot: true,
    limits: ["openingBurst", "openingsPerMinute"],
  },
  max_workers_per_user: {
    kind: count(1, 10_000, "workers"),
    builtIn: "100",
    sentence: "Workers that one user may register",
    hot: true,
    limits: ["maxWorkers"],
  },
  starts_per_minute: {
    kind: count(1, 1_000, "calls a minute"),
    builtIn: "10",
    sentence:
      "New accounts, and log-ins of command lines and by passkey, that one network may start",
    hot: true,
    limits: ["startsPerMinute"],
  },
  free_token_failures: {
    kind: count(1, 1_000, "tokens"),
    builtIn: "20",
    sentence: "Wrong API tokens of one network within an hour before it has to wait",
    hot: true,
    limits: ["freeTokenFailures"],
  },
  smtp_host: {
    kind: hostName,
    builtIn: "",
    sentence: "Mail server for invitations; without one nothing is mailed",
    hot: true,
  },
  smtp_port: {
    kind: count(1, 65_535, "port"),
    builtIn: "587",
    sentence: "Port of the mail server; 465 is usual with smtp-tls-mode implicit",
    hot: true,
  },
  smtp_username: {
    kind: plainText,
    builtIn: "",
    sentence: "How the hub logs in at the mail server; absent where it need not",
    hot: true,
  },
  smtp_password: {
    kind: secretText,
    builtIn: "",
    sentence: "Password for that; kept sealed and never shown",
    hot: true,
    secret: true,
  },
  smtp_from_address: {
    kind: mailAddress,
    builtIn: "",
    sentence: "Sender of mail; needed with smtp-host",
    hot: true,
  },
  smtp_tls_mode: {
    kind: mailTlsMode,
    builtIn: "starttls",
    sentence:
      "starttls, implicit, or none; none sends in clear, with a password only to this machine",
    hot: true,
  },
} as const satisfies Readonly<Record<string, SettingDeclaration>>;

export type SettingName = keyof typeof hubSettings;
export type SettingValue<Name extends SettingName> =
  (typeof hubSettings)[Name]["kind"] extends SettingKind<infer Value> ? Value : never;

export const settingNames = Object.keys(hubSettings) as readonly SettingName[];

export function declarationOf(name: SettingName): SettingDeclaration {
  return hubSettings[name];
}

export function isSettingName(text: string): text is SettingName {
  return Object.hasOwn(hubSettings, text);
}
