import { lookup as systemLookup } from "node:dns";
import { request as requestHttp, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import type { CustomFetch } from "openid-client";
import { ProviderFailure } from "./provider-failure.ts";
import { isPublicAddress } from "./public-address.ts";

/**
 * What the hub asks of providers, and the only requests that it makes to elsewhere. The documents of a provider
 * say where its other addresses are, so each is judged by itself:
 *
 * - https, with a certificate that is checked; http only to this host, and only where that was switched on;
 * - the addresses behind a name are looked at as they are connected to: only public ones, except under the
 *   origin that an admin configured, which may be one of the own network;
 * - no redirect is followed, an answer has a deadline and a size, and only so many are under way.
 */
export interface ProviderFetchOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly maxRequests: number;
  /** http to this host is allowed: for tests and for trying things out. */
  readonly allowLoopback: boolean;
  readonly lookup?: LookupFunction;
}

/** `issuer`: as it was configured. */
export type MakeProviderFetch = (issuer: string) => CustomFetch;

export function makeProviderFetch(options: ProviderFetchOptions): MakeProviderFetch {
  const { clock, timeoutMs, maxBytes, maxRequests, allowLoopback } = options;
  const resolve: LookupFunction = options.lookup ?? systemLookup;
  let underWay = 0;

  return (issuer) => {
    const ownOrigin = new URL(issuer).origin;
    return async (address, { method, headers, body }) => {
      const target = checkTarget(address, allowLoopback);
      const mayBePrivate = target.origin === ownOrigin;
      const bare = target.hostname.replace(/^\[|\]$/g, "");
      if (isIP(bare) !== 0 && !mayBePrivate && !isPublicAddress(bare)) {
        throw new ProviderFailure("unreachable", "private_address");
      }
      if (underWay >= maxRequests) throw new ProviderFailure("unreachable", "too_many_requests");
      underWay += 1;
      try {
        const lookup = mayBePrivate ? resolve : onlyPublic(resolve);
        const text = await readBody(body);
        return await new Promise<Response>((fulfil, reject) => {
          const send = target.protocol === "https:" ? requestHttps : requestHttp;
          const request = send(target, {
            method,
            headers: { ...headers, "user-agent": "leapmux-hub" },
            lookup,
            agent: false,
            maxHeaderSize: 16 * 1024,
          });
          const fail = (failure: ProviderFailure): void => {
            cancel();
            reject(failure);
            request.destroy();
          };
          const cancel = clock.after(timeoutMs, () =>
            fail(new ProviderFailure("unreachable", "too_slow")),
          );
          request.on("error", (error) =>
            fail(
              error instanceof ProviderFailure
                ? error
                : new ProviderFailure("unreachable", "no_connection"),
            ),
          );
          request.on("response", (answer) => {
            takeAnswer(answer, maxBytes).then((response) => {
              cancel();
              fulfil(response);
            }, fail);
          });
          request.end(text);
        });
      } finally {
        underWay -= 1;
      }
    };
  };
}

function checkTarget(address: string, allowLoopback: boolean): URL {
  const target = new URL(address);
  const isLoopback = ["localhost", "127.0.0.1", "[::1]"].includes(target.hostname);
  const isAllowed =
    target.protocol === "https:" || (allowLoopback && target.protocol === "http:" && isLoopback);
  if (!isAllowed || target.username !== "" || target.password !== "") {
    throw new ProviderFailure("unreachable", "insecure_address");
  }
  return target;
}

/** Refuses at the moment of the connection, so that a name cannot mean something else then. */
function onlyPublic(resolve: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, options, (error, address, family) => {
      if (error !== null) return callback(error, address, family);
      const all = typeof address === "string" ? [address] : address.map((each) => each.address);
      if (all.every(isPublicAddress)) return callback(null, address, family);
      callback(new ProviderFailure("unreachable", "private_address"), "", 0);
    });
  };
}

async function takeAnswer(answer: IncomingMessage, maxBytes: number): Promise<Response> {
  const status = answer.statusCode ?? 0;
  if (status >= 300 && status < 400) throw new ProviderFailure("unreachable", "redirected");
  if (status < 200 || status > 599) throw new ProviderFailure("unreachable", "odd_status");
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new ProviderFailure("unreachable", "too_long");
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof ProviderFailure) throw error;
    throw new ProviderFailure("unreachable", "broken_off");
  }
  const type = answer.headers["content-type"];
  return new Response(status === 204 ? null : Buffer.concat(chunks), {
    status,
    headers: type === undefined ? {} : { "content-type": type },
  });
}

function readBody(body: Parameters<CustomFetch>[1]["body"]): Promise<string | undefined> {
  if (body === null || body === undefined) return Promise.resolve(undefined);
  return new Response(body as BodyInit).text();
}
