import { isLoopback as isLoopbackHost } from "@leapmux/hub/ops/listen-address.ts";
import type {
  hubSettings,
  SettingValues,
  soloSettings,
  workerSettings,
} from "../config/settings.ts";
import { formatAddress, isLoopback } from "../config/value-types.ts";
import { daysOf, type DoctorLimits } from "./doctor-limits.ts";
import type { StoredSettings } from "./read-stored-settings.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

export type HubSettings = SettingValues<typeof hubSettings.table>;
export type WorkerSettings = SettingValues<typeof workerSettings.table>;

export function checkHubSettings(
  { listen, publicUrl }: Pick<HubSettings, "listen" | "publicUrl">,
  stored: StoredSettings,
  limits: DoctorLimits,
): Finding[] {
  const { signupEnabled, smtpHost, smtpTlsMode, loginIdleTime } = stored;
  const findings: Finding[] = [];
  if (!isLoopback(listen) && publicUrl?.startsWith("https:") !== true) {
    const sentence = `the hub listens on ${formatAddress(listen)} without an https public-url: whoever is on the way reads passwords`;
    const remedy =
      "put a proxy with TLS in front (docs/operating.md), set public-url, and listen on 127.0.0.1:4327";
    findings.push(warning("listen", sentence, remedy));
  }
  if (signupEnabled) {
    const sentence = "everybody who reaches the hub can make an account";
    findings.push(warning("sign_up", sentence, "set signup-enabled to false, and invite people"));
  }
  if (smtpHost !== undefined && smtpTlsMode === "none" && !isLoopbackHost(smtpHost)) {
    const sentence = `mail goes to ${smtpHost} in clear, with links that make accounts in it`;
    findings.push(warning("mail_tls", sentence, "set smtp-tls-mode to starttls or implicit"));
  }
  if (loginIdleTime > limits.loginIdleMs) {
    const sentence = `a login that nobody uses ends only after ${daysOf(loginIdleTime)} days`;
    findings.push(warning("login_idle", sentence, "set login-idle-time to 30d or less"));
  }
  return findings.length > 0 ? findings : [ok("settings", "no setting is weak")];
}

export function checkSoloSettings({ listen }: SettingValues<typeof soloSettings.table>): Finding[] {
  if (isLoopback(listen)) return [ok("settings", "no setting is weak")];
  const sentence = `solo listens on ${formatAddress(listen)} and has no login: whoever reaches it runs commands as you`;
  const remedy = "listen on 127.0.0.1:4327 and use an SSH tunnel, or run leapmux hub";
  return [problem("listen", sentence, remedy)];
}

/** `hub`: where it really dials. */
export function checkWorkerSettings(
  { clientAuth, encryptionMode }: WorkerSettings,
  hub: string | null,
): Finding[] {
  const findings: Finding[] = [];
  if (clientAuth === "hub") {
    const sentence = "whoever the hub names may open this worker: a hostile hub is everybody";
    findings.push(warning("client_auth", sentence, "set client-auth to paired, and pair a device"));
  }
  if (encryptionMode === "classic") {
    const sentence = "channels have no post-quantum key agreement";
    findings.push(warning("encryption", sentence, "set encryption-mode to post-quantum"));
  }
  const url = hub?.startsWith("http://") === true ? new URL(hub) : null;
  if (url !== null && !isLoopbackHost(url.hostname.replace(/^\[|\]$/g, ""))) {
    const sentence = `${hub} has no TLS: whoever is on the way can take the token of this worker`;
    findings.push(warning("hub_tls", sentence, "dial the hub at its https address with --hub"));
  }
  return findings.length > 0 ? findings : [ok("settings", "no setting is weak")];
}
