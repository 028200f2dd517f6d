import type { HubOptions } from "../hub-options.ts";
import type { PinnedSettings } from "./read-settings.ts";

const byProgram = "the program that started this hub";

/** What whoever starts the hub decided: as it was typed, or as a program that embeds the hub hands it over. */
export function pinnedSettings(options: HubOptions): PinnedSettings {
  const { isSignUpEnabled, loginIdleMs, mail } = options;
  const given: Record<string, string> = {
    ...(isSignUpEnabled === undefined ? {} : { signup_enabled: String(isSignUpEnabled) }),
    ...(loginIdleMs === undefined ? {} : { login_idle_time: `${Math.ceil(loginIdleMs / 1000)}s` }),
    ...(mail == null
      ? {}
      : {
          smtp_host: mail.host,
          smtp_port: String(mail.port),
          smtp_username: mail.credentials?.username ?? "",
          smtp_password: mail.credentials?.password ?? "",
          smtp_from_address: mail.fromAddress,
          smtp_tls_mode: mail.tlsMode,
        }),
  };
  const pinned = Object.entries(given).map(([name, text]) => [name, { text, source: byProgram }]);
  return { ...(Object.fromEntries(pinned) as PinnedSettings), ...options.pinnedSettings };
}
