// What the doctor asks of a hub that may be anybody: bounded in bytes and time, nothing followed, nothing sent
// that is secret.
import { randomBytes } from "node:crypto";
import { lookup } from "node:dns/promises";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { makeFetchBounded, type Fetched } from "../local/fetch-bounded.ts";

export interface Probe {
  get(url: URL): Promise<Fetched>;
  /** Null: no hub of ours answers there. */
  systemInfo(url: string, headers?: Readonly<Record<string, string>>): Promise<SystemInfo | null>;
  reach(url: URL): Promise<Reached>;
  /** The status that a request to become a WebSocket is answered with; 0 when there was none. */
  upgrade(url: URL, origin: string | null): Promise<number>;
  close(): void;
}

export interface SystemInfo {
  readonly version: string;
  readonly callerAddress: string;
}

export type Reached =
  | { readonly ok: false; readonly step: "name" | "connection"; readonly why: string }
  | {
      readonly ok: true;
      /** Ours, and that of whoever answered. */
      readonly localAddress: string;
      readonly remoteAddress: string;
      readonly tls: Tls | null;
    };

export interface Tls {
  /** Why the certificate is not to be trusted; empty when it is. */
  readonly distrust: string;
  readonly validUntilMs: number;
  readonly isHttp2: boolean;
}

const maxBytes = 64 * 1024;
const infoPath = "/leapmux.hub.v1.SystemService/GetSystemInfo";

export function makeProbe(timeoutMs: number): Probe {
  const bounded = makeFetchBounded();
  const { signal } = new AbortController();
  const common = { maxBytes, timeoutMs, signal };

  return {
    get: (url) => bounded.fetch(url, common),

    async systemInfo(url, headers = {}) {
      const answer = await bounded.fetch(new URL(infoPath, url), {
        ...common,
        method: "POST",
        headers: {
          ...headers,
          "content-type": "application/json",
          "connect-protocol-version": "1",
        },
        body: "{}",
      });
      if (answer.kind === "failed" || answer.status !== 200 || answer.isTooLarge) return null;
      return readInfo(answer.body);
    },

    async reach(url) {
      const name = hostOf(url);
      try {
        await lookup(name);
      } catch (error) {
        return { ok: false, step: "name", why: codeOf(error) };
      }
      const opened = await open(url, ["h2", "http/1.1"], timeoutMs);
      if (!("socket" in opened)) return { ok: false, step: "connection", why: opened.why };
      const { socket } = opened;
      const { localAddress = "", remoteAddress = "" } = socket;
      const tls = isTls(socket) ? readTls(socket) : null;
      socket.destroy();
      return {
        ok: true,
        localAddress: plain(localAddress),
        remoteAddress: plain(remoteAddress),
        tls,
      };
    },

    async upgrade(url, origin) {
      const opened = await open(url, ["http/1.1"], timeoutMs);
      if (!("socket" in opened)) return 0;
      const { socket } = opened;
      const head = [
        `GET ${url.pathname} HTTP/1.1`,
        `host: ${url.host}`,
        "connection: Upgrade",
        "upgrade: websocket",
        "sec-websocket-version: 13",
        `sec-websocket-key: ${randomBytes(16).toString("base64")}`,
        ...(origin === null ? [] : [`origin: ${origin}`]),
      ];
      socket.write(`${head.join("\r\n")}\r\n\r\n`);
      const status = await readStatus(socket, timeoutMs);
      socket.destroy();
      return status;
    },

    close: () => bounded.close(),
  };
}

function open(
  url: URL,
  protocols: string[],
  timeoutMs: number,
): Promise<{ readonly socket: Socket } | { readonly why: string }> {
  const isSecure = url.protocol === "https:";
  const host = hostOf(url);
  const port = Number(url.port === "" ? (isSecure ? 443 : 80) : url.port);
  return new Promise((resolve) => {
    const socket = isSecure
      ? connectTls({
          ...{ host, port, ALPNProtocols: protocols },
          ...(isIP(host) === 0 ? { servername: host } : {}),
          // Only looked at; whoever sends something that matters checks it.
          rejectUnauthorized: false,
        })
      : connectTcp({ host, port });
    const fail = (why: string): void => {
      socket.destroy();
      resolve({ why });
    };
    socket.setTimeout(timeoutMs, () => fail("it did not answer in time"));
    socket.on("error", (error) => fail(codeOf(error)));
    socket.once(isSecure ? "secureConnect" : "connect", () => resolve({ socket }));
  });
}

function readTls(socket: TLSSocket): Tls {
  const { valid_to: validTo } = socket.getPeerCertificate();
  return {
    distrust: socket.authorized ? "" : codeOf(socket.authorizationError),
    validUntilMs: Date.parse(validTo),
    isHttp2: socket.alpnProtocol === "h2",
  };
}

function readStatus(socket: Socket, timeoutMs: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  let text = "";
  socket.setTimeout(timeoutMs, () => resolve(0));
  socket.on("data", (part: Buffer) => {
    text += part.toString("latin1");
    const status = /^HTTP\/1\.1 (\d{3}) [^\r]*\r\n/.exec(text)?.[1];
    if (status !== undefined) resolve(Number(status));
    else if (text.length > 1024) resolve(0);
  });
  socket.on("close", () => resolve(0));
  return promise;
}

function readInfo(body: Buffer): SystemInfo | null {
  try {
    const { version, callerAddress } = JSON.parse(body.toString("utf8")) as Record<string, unknown>;
    const isInfo = typeof version === "string" && /^[\w.+-]{1,64}$/.test(version);
    const address = typeof callerAddress === "string" ? callerAddress : "";
    return isInfo
      ? { version, callerAddress: /^[\w.:]{0,64}$/.test(address) ? address : "" }
      : null;
  } catch {
    return null;
  }
}

function isTls(socket: Socket): socket is TLSSocket {
  return "encrypted" in socket;
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}

function codeOf(error: unknown): string {
  if (typeof error === "string") return error;
  return error instanceof Error && "code" in error ? String(error.code) : "the connection failed";
}
