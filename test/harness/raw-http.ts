/** Requests exactly as written, for what no well-behaved browser or library would send. */
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import type { Cleanup } from "./make-cleanup.ts";

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export async function rawRequest(
  port: number,
  options: {
    method?: string;
    path?: string;
    headers?: Record<string, string>;
    body?: string | Uint8Array;
  } = {},
): Promise<RawAnswer> {
  const outgoing = request({
    host: "127.0.0.1",
    port,
    agent: false,
    method: options.method ?? "GET",
    path: options.path ?? "/",
    headers: options.headers ?? {},
  });
  outgoing.end(options.body);
  const [answer] = (await once(outgoing, "response")) as [IncomingMessage];
  const body = (await buffer(answer)).toString("utf8");
  return { status: answer.statusCode ?? 0, headers: answer.headers, body };
}

/** Status of an attempt to upgrade to WebSocket: 101 where it succeeds. */
export async function rawUpgrade(
  port: number,
  path: string,
  headers: Record<string, string>,
): Promise<number> {
  const outgoing = request({
    host: "127.0.0.1",
    port,
    agent: false,
    path,
    headers: {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      ...headers,
    },
  });
  outgoing.end();
  return new Promise((resolve, reject) => {
    outgoing.on("error", reject);
    outgoing.on("response", (answer: IncomingMessage) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    outgoing.on("upgrade", (answer: IncomingMessage, socket: Socket) => {
      socket.destroy();
      resolve(answer.statusCode ?? 0);
    });
  });
}

export interface RawSocket {
  readonly socket: Socket;
  received(): Buffer;
  readonly closed: Promise<void>;
  isClosed(): boolean;
}

/** A bare TCP connection that writes down what it gets. */
export async function rawSocket(cleanup: Cleanup, port: number): Promise<RawSocket> {
  const socket = connect(port, "127.0.0.1");
  const received: Buffer[] = [];
  let isClosed = false;
  socket.on("data", (bytes: Buffer) => void received.push(bytes));
  socket.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => {
    socket.on("close", () => {
      isClosed = true;
      resolve();
    });
  });
  await once(socket, "connect");
  cleanup.add(() => void socket.destroy());
  return { socket, received: () => Buffer.concat(received), closed, isClosed: () => isClosed };
}
