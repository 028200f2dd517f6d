import type { Transporter } from "nodemailer";
import { isMailAddress, type MailSettings } from "../config/mail-settings.ts";

/**
 * Mail of the hub: plain text, one recipient. Where TLS is wanted nothing is said without it, and the server
 * has to prove its name. A mail that was not sent is an outcome that its caller tells; nothing is tried again.
 */
export interface Mailer {
  send(mail: Mail): Promise<MailOutcome>;
  close(): void;
}

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export type MailOutcome =
  | { readonly ok: true }
  /** `code` is nodemailer's name for what went wrong; what the server said is not repeated. */
  | { readonly ok: false; readonly reason: "unfit" | "busy" | "failed"; readonly code?: string };

const maxUnderWay = 20;
const timeoutsMs = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 };

export function makeMailer(settings: MailSettings): Mailer {
  const { host, port, credentials, fromAddress, tlsMode } = settings;
  let underWay = 0;
  let transport: Transporter | undefined;

  /** Loaded at the first mail: most hubs send none. */
  async function connect(): Promise<Transporter> {
    const { createTransport } = await import("nodemailer");
    transport ??= createTransport({
      host: host.replace(/^\[|\]$/g, ""),
      port,
      secure: tlsMode === "implicit",
      requireTLS: tlsMode === "starttls",
      ignoreTLS: tlsMode === "none",
      ...(credentials === null
        ? {}
        : { auth: { user: credentials.username, pass: credentials.password } }),
      tls: { minVersion: "TLSv1.2", rejectUnauthorized: true },
      ...timeoutsMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    return transport;
  }

  return {
    async send({ to, subject, text }) {
      if (!isMailAddress(to) || /[\r\n]/.test(subject)) return { ok: false, reason: "unfit" };
      if (underWay >= maxUnderWay) return { ok: false, reason: "busy" };
      underWay += 1;
      try {
        const from = { name: "LeapMux", address: fromAddress };
        const ready = await connect();
        await ready.sendMail({ from, to: { name: "", address: to }, subject, text });
        return { ok: true };
      } catch (error) {
        const { code } = error as { code?: unknown };
        const named = typeof code === "string" && /^E[A-Z]{1,20}$/.test(code) ? { code } : {};
        return { ok: false, reason: "failed", ...named };
      } finally {
        underWay -= 1;
      }
    },
    close: () => transport?.close(),
  };
}
