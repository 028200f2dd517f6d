/** How this hub sends mail. Host, sender and kind of TLS are checked against each other before anything starts. */
export interface MailSettings {
  readonly host: string;
  readonly port: number;
  /** Null: the server wants none. */
  readonly credentials: { readonly username: string; readonly password: string } | null;
  readonly fromAddress: string;
  readonly tlsMode: MailTlsMode;
}

/** `starttls`: never without it. `none`: in clear, for a server on this machine. */
export type MailTlsMode = "starttls" | "implicit" | "none";

/** As they were set; each may be missing. */
export interface GivenMailSettings {
  readonly smtpHost: string | undefined;
  readonly smtpPort: number;
  readonly smtpUsername: string | undefined;
  readonly smtpPassword: string | undefined;
  readonly smtpFromAddress: string | undefined;
  readonly smtpTlsMode: MailTlsMode;
}

export type CheckedMailSettings =
  /** Null: this hub sends no mail. */
  | { readonly ok: true; readonly settings: MailSettings | null }
  | { readonly ok: false; readonly message: string };

export function checkMailSettings(given: GivenMailSettings): CheckedMailSettings {
  const { smtpHost: host, smtpPort: port, smtpFromAddress: fromAddress, smtpTlsMode } = given;
  const username = given.smtpUsername ?? "";
  const password = given.smtpPassword ?? "";
  if (host === undefined || host === "") {
    const isIdle = username === "" && password === "" && (fromAddress ?? "") === "";
    if (isIdle) return { ok: true, settings: null };
    return refused(
      "smtp-host is missing: name the mail server, or leave out the other smtp settings",
    );
  }
  if (!/^[\w.:[\]-]{1,255}$/.test(host)) return refused("smtp-host must be a host name or address");
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    return refused("smtp-port must be between 1 and 65535");
  }
  if (fromAddress === undefined || !isMailAddress(fromAddress)) {
    return refused("smtp-from-address must be the address that mail of this hub comes from");
  }
  if ((username === "") !== (password === "")) {
    return refused("smtp-username and smtp-password go together: set both or neither");
  }
  if (smtpTlsMode === "none" && username !== "" && !isThisHost(host)) {
    return refused(
      "smtp-tls-mode none would send smtp-password in clear: use starttls or implicit, or a server on this machine",
    );
  }
  const credentials = username === "" ? null : { username, password };
  return { ok: true, settings: { host, port, credentials, fromAddress, tlsMode: smtpTlsMode } };
}

/** One plain address, as nearly everybody has (RFC 5321 §4.1.2 without quotes and address literals). */
export function isMailAddress(text: string): boolean {
  if (text.length > 254) return false;
  const [, local = "", domain = ""] = /^([^@]+)@([^@]+)$/.exec(text) ?? [];
  return (
    /^[\w!#$%&'*+/=?^`{|}~.-]{1,64}$/.test(local) &&
    !/^\.|\.$|\.\./.test(local) &&
    /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(
      domain,
    )
  );
}

function isThisHost(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}

function refused(message: string): CheckedMailSettings {
  return { ok: false, message };
}
