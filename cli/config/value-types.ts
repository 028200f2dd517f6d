// The kinds of values that settings have. All come in as text, whether typed, from the environment or
// from the file, so that every source is read by the same rules. Anything unknown is refused.
import { isIP } from "node:net";
import { isMailAddress } from "@leapmux/hub/config/mail-settings.ts";
import { isLoopback as isLoopbackHost } from "@leapmux/hub/ops/listen-address.ts";
import {
  defaultMaxMessageBytes,
  leastMaxMessageBytes,
  mostMaxMessageBytes,
} from "@leapmux/shared/limits/limits.ts";
import { checkTitle, maxTitleLength } from "@leapmux/shared/limits/title.ts";
import { z } from "zod";
import { readRedactPatterns, type RedactPattern } from "../redaction/redact-patterns.ts";

export interface ListenAddress {
  host: string;
  port: number;
}

/** `host:port`, `[v6]:port` or `:port` for every interface. */
export const listenAddress = z.string().transform((text, context): ListenAddress => {
  const parts = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const bracketed = parts?.[1];
  const host = bracketed ?? parts?.[2] ?? "";
  const port = Number(parts?.[3]);
  const hostIsFine = bracketed === undefined ? isHostName(host) : isIP(bracketed) === 6;
  if (parts === null || !hostIsFine) {
    return refuse(context, "must look like 127.0.0.1:4327, [::1]:4327 or :4327");
  }
  if (port > 65_535) return refuse(context, "must name a port up to 65535");
  return { host: host === "" ? "0.0.0.0" : host, port };
});

/** Whether only this machine can reach the address. */
export function isLoopback({ host }: ListenAddress): boolean {
  return isLoopbackHost(host);
}

export function formatAddress({ host, port }: ListenAddress): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

export const encryptionMode = choice({
  "post-quantum": ["pq", "post_quantum"],
  classic: [],
});

export const linkChoice = choice({ auto: [], grpc: [], websocket: ["ws"] });

/** Whose word a worker takes about who calls (docs/devices.md). */
export const clientAuthChoice = choice({ paired: [], hub: [] });

/** Who may read /metrics. */
export const metricsChoice = choice({ off: [], loopback: [], token: [] });

export const logLevel = choice({
  trace: [],
  debug: [],
  info: [],
  warn: ["warning"],
  error: [],
  fatal: [],
  silent: ["off"],
});

/** A switch: given alone it is on. */
export const onOff = choice({
  true: ["yes", "on", "1"],
  false: ["no", "off", "0"],
}).transform((text) => text === "true");

/** Whether to open the browser; `auto` does where a person sits at a screen. */
export const openBrowserChoice = choice({
  auto: [],
  true: ["yes", "on", "1"],
  false: ["no", "off", "0"],
});

/** Largest reassembled message in bytes; 0 takes the built-in one (protocol §4). */
export const messageSize = z.string().transform((text, context): number => {
  const bytes = parseSize(text);
  if (bytes === null) return refuse(context, badSize);
  if (bytes === 0) return defaultMaxMessageBytes;
  if (bytes < leastMaxMessageBytes || bytes > mostMaxMessageBytes) {
    return refuse(context, "must be from 64KiB to 64MiB");
  }
  return bytes;
});

/** Memory for SQLite in bytes, up to 4 GiB; 0 leaves it to SQLite. */
export const memorySize = z.string().transform((text, context): number => {
  const bytes = parseSize(text);
  if (bytes === null) return refuse(context, badSize);
  return bytes <= 4 * 1024 ** 3 ? bytes : refuse(context, "must be at most 4096MiB");
});

const badSize = "must be a size such as 16MiB, 512KiB or 1048576";

function parseSize(text: string): number | null {
  const parts = /^(\d{1,12})\s*(|B|[KM](?:iB|B)?)$/i.exec(text.trim());
  if (parts === null) return null;
  const unit = { "": 1, b: 1, k: 1024, m: 1024 ** 2 }[(parts[2] ?? "").slice(0, 1).toLowerCase()];
  return Number(parts[1]) * (unit ?? 1);
}

/** Seconds, plain or with a unit; at least one second, at most an hour. */
export const seconds = z.string().transform((text, context): number => {
  const parts = /^(\d{1,9})\s*(|ms|s|m|h)$/.exec(text.trim());
  if (parts === null) return refuse(context, "must be a time such as 10, 10s or 2m");
  const unit = { "": 1, s: 1, ms: 0.001, m: 60, h: 3600 }[parts[2] ?? ""] ?? 1;
  const value = Number(parts[1]) * unit;
  if (value < 1 || value > 3600) return refuse(context, "must be from 1s to 1h");
  return value;
});

/** How long a login may be idle, in milliseconds: five minutes to a year. */
export const idleTime = z.string().transform((text, context): number => {
  const parts = /^(\d{1,9})\s*(|s|m|h|d)$/.exec(text.trim());
  if (parts === null) return refuse(context, "must be a time such as 30m, 12h or 7d");
  const unit = { "": 1, s: 1, m: 60, h: 3600, d: 86_400 }[parts[2] ?? ""] ?? 1;
  const value = Number(parts[1]) * unit;
  if (value < 300 || value > 365 * 86_400) return refuse(context, "must be from 5m to 365d");
  return value * 1000;
});

/** How long a former key of token hashes still counts, in milliseconds: a minute to thirty days. */
export const graceTime = z.string().transform((text, context): number => {
  const parts = /^(\d{1,9})(s|m|h|d)$/.exec(text.trim());
  if (parts === null) return refuse(context, "must be a time such as 24h or 7d");
  const unit = { s: 1, m: 60, h: 3600, d: 86_400 }[parts[2] ?? ""] ?? 1;
  const value = Number(parts[1]) * unit;
  if (value < 60 || value > 30 * 86_400) return refuse(context, "must be from 1m to 30d");
  return value * 1000;
});

/** IP addresses, and networks as `address/bits`, between commas. */
export const addressList = z.string().transform((text, context): string[] => {
  const entries = text.split(",").map((entry) => entry.trim());
  const fine = entries.every((entry) => {
    const [address = "", bits, ...rest] = entry.split("/");
    const most = { 4: 32, 6: 128 }[isIP(address)] ?? -1;
    return rest.length === 0 && (bits === undefined ? most > 0 : isWhole(bits, most));
  });
  return fine ? entries : refuse(context, "must look like 10.0.0.2 or 10.0.0.0/8,fd00::/8");
});

function isWhole(text: string, most: number): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= most;
}

/** Scheme, host and port of an HTTP server; no path, no user, no query. */
export const httpOrigin = z.string().transform((text, context): string => {
  const url = URL.parse(text);
  const bare =
    url !== null &&
    ["http:", "https:"].includes(url.protocol) &&
    [url.username, url.password, url.search, url.hash].every((part) => part === "") &&
    url.pathname === "/";
  return bare
    ? url.origin
    : refuse(context, "must look like http://127.0.0.1:4327, without a path");
});

const socketPath = /^unix:\/[^\0]+$/;

/** Where a worker finds its hub: an origin, or `unix:` and the path of a socket on this machine. */
export const hubAddress = z.string().transform((text, context): string => {
  if (socketPath.test(text)) return text;
  const parsed = text.startsWith("unix:") ? null : httpOrigin.safeParse(text);
  return parsed?.success === true
    ? parsed.data
    : refuse(
        context,
        "must look like http://127.0.0.1:4327, without a path, or unix:/path/to/socket",
      );
});

/** `unix:` and the path of a socket. */
export const localAddress = z.string().transform((text, context): string => {
  if (!socketPath.test(text)) return refuse(context, "must look like unix:/path/to/socket");
  // sun_path of POSIX systems, the shortest of them.
  return Buffer.byteLength(text) - "unix:".length < 104
    ? text.slice("unix:".length)
    : refuse(context, "must have a path of less than 104 bytes");
});

export const hostName = z.string().transform((text, context): string => {
  const host = text.trim().replace(/^\[|\]$/g, "");
  const fine = isIP(host) !== 0 || (host !== "" && isHostName(host));
  return fine ? host : refuse(context, "must be a host name or an address, without a port");
});

export const portNumber = z.string().transform((text, context): number => {
  const fine = isWhole(text.trim(), 65_535) && Number(text) > 0;
  return fine ? Number(text) : refuse(context, "must be a port from 1 to 65535");
});

export const mailAddress = z.string().transform((text, context): string => {
  const address = text.trim();
  return isMailAddress(address) ? address : refuse(context, "must look like hub@example.com");
});

export const mailTlsMode = choice({ starttls: [], implicit: ["tls", "smtps"], none: [] });

/** What people call a worker; shown to everybody who may use it. */
export const workerName = z.string().transform((text, context): string => {
  const verdict = checkTitle(text);
  if (verdict.ok) return verdict.title;
  return verdict.why === "length"
    ? refuse(context, `must have 1 to ${maxTitleLength} characters`)
    : refuse(context, "must not contain control characters, nor signs that turn text around");
});

/** What the log must not show, one `name=pattern` a line. */
export const redactPatterns = z.string().transform((text, context): readonly RedactPattern[] => {
  const read = readRedactPatterns(text);
  return read.ok ? read.patterns : refuse(context, read.message);
});

export const secret = z.string().transform((text, context): string => {
  return text.trim() === "" ? refuse(context, "must not be empty") : text.trim();
});

/** Made absolute like a directory. */
export const filePath = z.string().transform((text, context): string => {
  return text === "" || text.includes("\0") ? refuse(context, "must name a file") : text;
});

/** How the file of the hub's keys is wrapped. */
export const keyWrapChoice = choice({ none: [], file: [], passphrase: [], command: [] });

/**
 * A program and its arguments: words between spaces, or a list of them in JSON where one holds a space. No shell
 * reads it, so what would mean something to one is refused.
 */
export const commandLine = z.string().transform((text, context): string[] => {
  const wrong = 'must be words between spaces, or a list such as ["/usr/bin/kms", "decrypt"]';
  if (text.trimStart().startsWith("[")) {
    let list: unknown;
    try {
      list = JSON.parse(text);
    } catch {
      return refuse(context, wrong);
    }
    const words = z.array(z.string().regex(/^[^\0]*$/)).safeParse(list);
    const fine = words.success && (words.data[0] ?? "") !== "";
    return fine ? words.data : refuse(context, wrong);
  }
  if (/["'`$|&;<>()\\\0]/.test(text)) {
    return refuse(context, `is not read by a shell: it ${wrong}`);
  }
  const words = text.split(/\s+/).filter((word) => word !== "");
  return words.length > 0 ? words : refuse(context, wrong);
});

/** Made absolute by whoever knows where it was written. */
export const directory = z.string().transform((text, context): string => {
  return text === "" || text.includes("\0") ? refuse(context, "must name a directory") : text;
});

function choice<const Name extends string>(names: Record<Name, string[]>) {
  const byText = new Map<string, Name>();
  for (const name of Object.keys(names) as Name[]) {
    for (const text of [name, ...names[name]]) byText.set(text, name);
  }
  return z.string().transform((text, context): Name => {
    const name = byText.get(text.trim().toLowerCase());
    return name ?? refuse(context, `must be one of ${Object.keys(names).join(", ")}`);
  });
}

function isHostName(host: string): boolean {
  return host === "" || /^[A-Za-z0-9.-]{1,253}$/.test(host);
}

/** Marks the value as wrong; the message never repeats it, it may be a secret. */
function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: "custom", message });
  return z.NEVER;
}
