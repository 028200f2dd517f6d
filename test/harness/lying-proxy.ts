/** A proxy in front of a hub, on every address of this machine, that may do each thing wrong that proxies do. */
import { once } from "node:events";
import {
  createServer,
  request as sendRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect, type AddressInfo, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import type { Cleanup } from "./make-cleanup.ts";

export interface LyingProxy {
  readonly port: number;
  /** What it does from now on; nothing of it is the honest proxy. */
  lie(how: Lies): void;
}

export interface Lies {
  /** `pass`: whatever the caller said; `drop`: nothing at all. */
  readonly forwardedFor?: "pass" | "drop";
  readonly withoutHeaders?: readonly string[];
  readonly withoutUpgrades?: boolean;
  readonly clockAheadMs?: number;
  readonly withoutCalls?: boolean;
}

/** An address of this machine that is not loopback, for whoever has to come from elsewhere. */
export function outwardAddress(): string {
  const found = Object.values(networkInterfaces())
    .flat()
    .find((each) => each?.family === "IPv4" && !each.internal);
  if (found === undefined) throw new Error("this machine has no address but loopback");
  return found.address;
}

export async function startLyingProxy(
  cleanup: Cleanup,
  hubPort: number,
  certificate?: { readonly key: string; readonly cert: string },
): Promise<LyingProxy> {
  const sockets = new Set<Socket>();
  let lies: Lies = {};

  function headersOf({ headers, socket }: IncomingMessage) {
    const { "x-forwarded-for": said, ...others } = headers;
    if (lies.forwardedFor === "drop") return others;
    if (lies.forwardedFor === "pass") return headers;
    const from = (socket.remoteAddress ?? "").replace(/^::ffff:/, "");
    return { ...others, "x-forwarded-for": said === undefined ? from : `${String(said)}, ${from}` };
  }

  function pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method, url: path = "/" } = incoming;
    if (lies.withoutCalls === true && method === "POST") {
      outgoing.writeHead(405).end();
      return;
    }
    const target = { host: "127.0.0.1", port: hubPort, method, path, headers: headersOf(incoming) };
    const passed = sendRequest(target, (answer) => {
      outgoing.statusCode = answer.statusCode ?? 502;
      for (const [name, value] of Object.entries(answer.headers)) {
        if (value === undefined || lies.withoutHeaders?.includes(name) === true) continue;
        if (name !== "connection" && name !== "transfer-encoding") outgoing.setHeader(name, value);
      }
      outgoing.setHeader("date", new Date(Date.now() + (lies.clockAheadMs ?? 0)).toUTCString());
      answer.pipe(outgoing);
    });
    passed.on("error", () => outgoing.destroy());
    incoming.pipe(passed);
  }

  const server =
    certificate === undefined ? createServer(pass) : createTlsServer(certificate, pass);
  server.on("upgrade", (incoming: IncomingMessage, client: Socket, head: Buffer) => {
    if (lies.withoutUpgrades === true) {
      client.end("HTTP/1.1 426 Upgrade Required\r\nconnection: close\r\n\r\n");
      return;
    }
    const hub = connect(hubPort, "127.0.0.1");
    const lines = Object.entries(headersOf(incoming)).map(
      ([name, value]) => `${name}: ${String(value)}\r\n`,
    );
    hub.write(`GET ${incoming.url ?? ""} HTTP/1.1\r\n${lines.join("")}\r\n`);
    hub.write(head);
    hub.pipe(client).pipe(hub);
    hub.on("error", () => client.destroy());
    client.on("error", () => hub.destroy());
  });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
  });
  server.listen(0, "0.0.0.0");
  await once(server, "listening");
  cleanup.add(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
  return {
    port: (server.address() as AddressInfo).port,
    lie: (how) => (lies = how),
  };
}
