import { createHash, timingSafeEqual } from "node:crypto";
import { isLoopback } from "./listen-address.ts";
import type { Request, Response } from "./listen.ts";
import type { HubMetrics } from "./hub-metrics.ts";

/**
 * Who may read `/metrics`: nobody, who asks this machine by a name of its own and without a proxy in between,
 * or who has the token. To everybody else there is no such page.
 */
export type MetricsAccess =
  | { readonly kind: "off" }
  | { readonly kind: "loopback" }
  | { readonly kind: "token"; readonly token: string };

/** What a proxy adds: it speaks for somebody else, whatever address it has. */
const proxyHeaders = [
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
  "forwarded",
  "via",
];

export function mayReadMetrics(access: MetricsAccess, request: Request, host: string): boolean {
  if (access.kind === "off") return false;
  if (access.kind === "token") {
    const given = /^Bearer ([\x21-\x7e]{1,512})$/.exec(request.headers.authorization ?? "")?.[1];
    return given !== undefined && timingSafeEqual(digest(given), digest(access.token));
  }
  const name = host.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  return (
    isLoopback(request.socket.remoteAddress?.replace(/^::ffff:/, "") ?? "") &&
    (name === "localhost" || isLoopback(name)) &&
    proxyHeaders.every((header) => request.headers[header] === undefined)
  );
}

export async function sendMetrics(response: Response, metrics: HubMetrics): Promise<void> {
  const text = await metrics.read();
  response.setHeader("content-type", metrics.contentType);
  response.setHeader("cache-control", "no-store");
  response.end(text);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
