// One HTTP request to a hub that may be hostile: bounded in bytes and time, redirects are answers and not
// followed, and what is compressed stays as it came.
import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";

export interface FetchOptions {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Of the answer's body. */
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export type Fetched =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      /** Of a larger one only the beginning, a little more than `maxBytes`. */
      readonly body: Buffer;
      readonly isTooLarge: boolean;
    }
  | { readonly kind: "failed"; readonly why: string };

export type FetchBounded = (url: URL, options: FetchOptions) => Promise<Fetched>;

const maxSockets = 6;

/** Connections are kept between requests; `close` ends them. */
export function makeFetchBounded(): { fetch: FetchBounded; close(): void } {
  const http = new HttpAgent({ keepAlive: true, maxSockets });
  const https = new HttpsAgent({ keepAlive: true, maxSockets });
  return {
    async fetch(url, options) {
      const agent = url.protocol === "https:" ? https : http;
      const first = await fetchOnce(url, options, agent);
      // The server may have closed a kept connection at this very moment (RFC 9110 §9.2.2).
      return first === "stale" ? staleAgain(await fetchOnce(url, options, false)) : first;
    },
    close() {
      http.destroy();
      https.destroy();
    },
  };
}

function staleAgain(fetched: Fetched | "stale"): Fetched {
  return fetched === "stale" ? { kind: "failed", why: "the connection was cut" } : fetched;
}

async function fetchOnce(
  url: URL,
  options: FetchOptions,
  agent: HttpAgent | HttpsAgent | false,
): Promise<Fetched | "stale"> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const { promise, resolve } = Promise.withResolvers<Fetched | "stale">();
  const outgoing = send(url, {
    method: options.method ?? "GET",
    agent,
    headers: { "accept-encoding": "identity", ...options.headers },
    signal: AbortSignal.any([options.signal, timeout]),
  });
  outgoing.on("response", (answer) => {
    const parts: Buffer[] = [];
    let length = 0;
    const finish = (isTooLarge: boolean): void => {
      const { statusCode: status = 0, headers } = answer;
      resolve({ kind: "answer", status, headers, body: Buffer.concat(parts), isTooLarge });
    };
    answer.on("data", (part: Buffer) => {
      parts.push(part);
      length += part.length;
      if (length <= options.maxBytes) return;
      finish(true);
      outgoing.destroy();
    });
    answer.on("end", () => finish(false));
    // Cut short: what came before is no answer.
    answer.on("close", () => resolve({ kind: "failed", why: "the answer was cut short" }));
    answer.on("error", () => undefined);
  });
  outgoing.on("upgrade", (_answer, socket) => socket.destroy());
  outgoing.on("error", (error) => {
    const isStale = outgoing.reusedSocket && "code" in error && error.code === "ECONNRESET";
    resolve(isStale ? "stale" : { kind: "failed", why: describe(error, timeout) });
  });
  outgoing.on("close", () => resolve({ kind: "failed", why: "the connection was cut" }));
  outgoing.end(options.body);
  const fetched = await promise;
  options.signal.throwIfAborted();
  return fetched;
}

function describe(error: Error, timeout: AbortSignal): string {
  if (timeout.aborted) return "it did not answer in time";
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return /^[A-Z0-9_]{1,64}$/.test(code) ? code : "the connection failed";
}
