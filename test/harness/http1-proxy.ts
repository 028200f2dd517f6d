/**
 * A reverse proxy that speaks HTTP/1.1 alone, as many do in front of services: requests and WebSocket
 * upgrades pass, trailers do not, the preface of HTTP/2 is answered with 400. With `frontend: "http2"` it takes
 * HTTP/2 as well and still speaks HTTP/1.1 to the hub, so that calls reach the hub whose answers lack their end.
 */
import { once } from "node:events";
import {
  createServer,
  request as sendRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import {
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from "node:http2";
import { connect, createServer as createNetServer, type Socket } from "node:net";
import type { Writable } from "node:stream";
import type { Cleanup } from "./make-cleanup.ts";

export interface Http1Proxy {
  readonly url: string;
  /** Upgrades that passed. */
  readonly upgrades: number;
  /** Paths of the requests that the hub answered, in order. */
  readonly answered: readonly string[];
  /** So many of the next answers to this path come back as a broken connection. */
  loseAnswers(path: string, count: number): void;
  /** Ends everything that passes through; new connections are taken again. */
  cut(): void;
}

/** The hub is called by its own name, whatever name the proxy has. */
export async function startHttp1Proxy(
  cleanup: Cleanup,
  targetPort: number,
  options: { readonly frontend?: "http1" | "http2" } = {},
): Promise<Http1Proxy> {
  const target = { host: "127.0.0.1", port: targetPort };
  const host = `127.0.0.1:${targetPort}`;
  const sockets = new Set<Socket>();
  const answered: string[] = [];
  const lost = new Map<string, number>();
  let upgrades = 0;

  function pass(
    incoming: IncomingMessage | Http2ServerRequest,
    outgoing: ServerResponse | Http2ServerResponse,
  ): void {
    const { method, url: path = "/" } = incoming;
    const headers = { ...withoutPseudo(incoming.headers), host };
    const passed = sendRequest({ ...target, method, path, headers }, (answer) => {
      answered.push(path);
      const toLose = lost.get(path) ?? 0;
      if (toLose > 0) {
        lost.set(path, toLose - 1);
        // The hub has done it all; nobody hears of it.
        answer.resume();
        return breakOff(incoming);
      }
      const { connection: _, "transfer-encoding": __, trailer: ___, ...kept } = answer.headers;
      outgoing.statusCode = answer.statusCode ?? 502;
      for (const [name, value] of Object.entries(kept)) {
        if (value !== undefined) outgoing.setHeader(name, value);
      }
      answer.pipe(outgoing as Writable);
    });
    passed.on("error", () => breakOff(incoming));
    incoming.on("error", () => passed.destroy());
    incoming.pipe(passed);
  }

  const http1 = createServer(pass);
  http1.on("upgrade", (incoming, client: Socket, head: Buffer) => {
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
  const http2 = createHttp2Server(pass);
  http2.on("sessionError", () => undefined);
  const server = createNetServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.once("data", (first: Buffer) => {
      const isHttp2 = options.frontend === "http2" && first.toString("latin1").startsWith("PRI ");
      socket.pause();
      socket.unshift(first);
      (isHttp2 ? http2 : http1).emit("connection", socket);
      if (!isHttp2) socket.resume();
    });
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
    answered,
    loseAnswers: (path, count) => void lost.set(path, count),
    cut,
  };
}

function breakOff(incoming: IncomingMessage | Http2ServerRequest): void {
  if ("stream" in incoming) incoming.stream.session?.destroy();
  else incoming.socket.destroy();
}

function withoutPseudo(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(":")));
}
