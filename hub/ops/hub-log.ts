import type { Logger } from "pino";
import { currentRequestId } from "./request-id.ts";

/**
 * The redaction filter before every sink: what the hub logs are events with a closed set of fields that
 * hold ids, reasons and numbers. A value that looks like anything else never reaches the log, and of
 * errors only name, code and places in our own files do: messages may quote what somebody sent.
 */
export interface LogFields {
  readonly channelId?: string;
  readonly linkId?: string;
  readonly workerId?: string;
  readonly workspaceId?: string;
  readonly userId?: string;
  readonly loginId?: string;
  readonly tokenId?: string;
  readonly providerId?: string;
  readonly reason?: string;
  readonly method?: string;
  readonly kind?: string;
  readonly code?: string;
  readonly count?: number;
  readonly bytes?: number;
  readonly ms?: number;
  readonly port?: number;
}

export interface HubLog {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  /** Something of ours failed: `cause` is reduced to what cannot carry contents. */
  failure(event: string, cause: unknown, fields?: LogFields): void;
}

const allowed: ReadonlySet<string> = new Set([
  "channelId",
  "linkId",
  "workerId",
  "workspaceId",
  "userId",
  "loginId",
  "tokenId",
  "providerId",
  "reason",
  "method",
  "kind",
  "code",
  "count",
  "bytes",
  "ms",
  "port",
]);

/** Ids, reasons and method names; no token of ours passes, their alphabet and length would, so by prefix. */
const plain = /^(?!lm[a-z]_)[\w./:-]{0,80}$/;

export function makeHubLog(logger: Logger): HubLog {
  return {
    info: (event, fields) => logger.info(redactFields(fields), event),
    warn: (event, fields) => logger.warn(redactFields(fields), event),
    failure: (event, cause, fields) =>
      logger.error({ ...redactFields(fields), error: describeCause(cause) }, event),
  };
}

function redactFields(fields: LogFields | undefined): Record<string, string | number> {
  const kept: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(fields ?? {}) as [string, unknown][]) {
    if (!allowed.has(name)) continue;
    if (typeof value === "number") kept[name] = value;
    else if (typeof value === "string") kept[name] = plain.test(value) ? value : "[redacted]";
  }
  const requestId = currentRequestId();
  if (requestId !== "") kept["requestId"] = requestId;
  return kept;
}

function describeCause(cause: unknown): Record<string, string> {
  if (!(cause instanceof Error)) return { name: typeof cause };
  const code: unknown = "code" in cause ? cause.code : undefined;
  const places = (cause.stack ?? "").matchAll(/([\w.-]+\.[cm]?[jt]s:\d+)/g);
  return {
    name: cause.name,
    ...(typeof code === "string" || typeof code === "number" ? { code: String(code) } : {}),
    at: [...places]
      .slice(0, 5)
      .map((place) => place[1])
      .join(" < "),
  };
}
