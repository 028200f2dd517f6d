/**
 * A reverse proxy that speaks HTTP/1.1 alone, as many do in front of services: requests and WebSocket
 * upgrades pass, the preface of HTTP/2 is answered with 400.
 */
import { once } from "node:events";
import { createServer, request as sendRequest } from "node:http";
import { connect, type Socket } from "node:net";
import type { Cleanup } from "./make-cleanup.ts";

export interface Http1Proxy {
  readonly url: string;
  /** Upgrades that passed. */
  readonly upgrades: number;
  /** Ends everything that passes through; new connections are taken again. */
  cut(): void;
}

/** The hub is called by its own name, whatever name the proxy has. */
export async function startHttp1Proxy(cleanup: Cleanup, targetPort: number): Promise<Http1Proxy> {
  const target = { host: "127.0.0.1", port: targetPort };
  const host = `127.0.0.1:${targetPort}`;
  const sockets = new Set<Socket>();
  let upgrades = 0;

  const server = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers, host };
    const { method, url: path } = incoming;
    const passed = sendRequest({ ...target, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on("error", () => outgoing.destroy());
    incoming.pipe(passed);
  });
  server.on("upgrade", (incoming, client: Socket, head: Buffer) => {
    upgrades += 1;
    const hub = connect(target.port, target.host);
    const lines = Object.entries({ ...incoming.headers, host }).map(
      ([name, value]) => `${name}: ${String(value)}\r\n`,
    );
    hub.write(`GET ${incoming.url} HTTP/1.1\r\n${lines.join("")}\r\n`);
    hub.write(head);
    for (const [from, to] of [
      [client, hub],
      [hub, client],
    ] as const) {
      from.on("error", () => undefined);
      from.on("close", () => to.destroy());
      from.pipe(to);
    }
  });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  cleanup.add(async () => {
    cut();
    server.close();
    await once(server, "close");
  });
  return {
    url: `http://127.0.0.1:${address.port}`,
    get upgrades() {
      return upgrades;
    },
    cut,
  };
}
