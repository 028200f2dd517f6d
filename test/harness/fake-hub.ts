/**
 * A server in a hub's place that answers as a test wants it, writes down what it was sent, and knows the
 * calls by which a command line logs in. Everything else is up to `respond` and `upgrade`.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type MessageShape,
} from "@bufbuild/protobuf";
import { buffer } from "node:stream/consumers";
import type { Cleanup } from "./make-cleanup.ts";

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

export interface FakeHub {
  readonly url: string;
  readonly port: number;
  /** Requests and upgrades, in order. */
  readonly seen: readonly Seen[];
  respond(answer: (seen: Seen, response: ServerResponse) => void): void;
  upgrade(answer: (request: IncomingMessage, socket: Duplex) => void): void;
}

export async function startFakeHub(cleanup: Cleanup, port = 0): Promise<FakeHub> {
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  let respond = (_seen: Seen, response: ServerResponse): void => {
    response.writeHead(404, { "content-type": "text/plain" }).end("nothing\n");
  };
  let upgrade = (_request: IncomingMessage, socket: Duplex): void => void socket.destroy();
  const note = (request: IncomingMessage, body: Buffer): Seen => {
    const { method = "", url: path = "", headers } = request;
    const each = { method, path, headers, body };
    seen.push(each);
    return each;
  };
  const server = createServer((request, response) => {
    buffer(request).then(
      (body) => respond(note(request, body), response),
      () => response.destroy(),
    );
  });
  server.on("upgrade", (request, socket: Duplex) => {
    socket.on("error", () => socket.destroy());
    note(request, Buffer.alloc(0));
    upgrade(request, socket);
  });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  cleanup.add(async () => {
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  const found = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${found}`,
    port: found,
    seen,
    respond: (answer) => (respond = answer),
    upgrade: (answer) => (upgrade = answer),
  };
}

/** The answer of a call, in bytes of the message. */
export function sendMessage<Desc extends DescMessage>(
  response: ServerResponse,
  schema: Desc,
  value: Parameters<typeof create<Desc>>[1],
): void {
  const body = toBinary(schema, create(schema, value));
  response.writeHead(200, { "content-type": "application/proto" }).end(body);
}

export function sendError(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ code, message: "no" }));
}

export function readMessage<Desc extends DescMessage>(
  schema: Desc,
  { body }: Seen,
): MessageShape<Desc> {
  return fromBinary(schema, body);
}
