import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { pipeline, type Duplex } from "node:stream";
import { callerHeaders, type HubDialler } from "./hub-address.ts";

/**
 * The page's WebSocket, joined with one to the hub that carries the login. The two upgrades are separate:
 * neither side sees a header of the other, and no extension or subprotocol is agreed. Afterwards bytes are
 * piped both ways, each at the pace of its reader.
 */
export interface LinkProxy {
  join(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

const maxLinks = 64;
const upgradeTimeoutMs = 20_000;
/** The hub pings every 30 s; a pipe without a byte for so long has lost its end. */
const idleTimeoutMs = 120_000;

export function makeLinkProxy(dialler: HubDialler, version: string): LinkProxy {
  const open = new Set<Duplex>();

  function join(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const key = request.headers["sec-websocket-key"] ?? "";
    const isWhole = /^[A-Za-z0-9+/]{22}==$/.test(key);
    if (!isWhole || request.headers["sec-websocket-version"] !== "13") {
      return refuseUpgrade(socket, 400, "This is no WebSocket.");
    }
    if (open.size >= maxLinks) return refuseUpgrade(socket, 503, "Too many windows are open.");
    open.add(socket);
    socket.once("close", () => open.delete(socket));

    const outgoing = dialler.request(
      "/link",
      {
        method: "GET",
        timeout: upgradeTimeoutMs,
        headers: {
          ...callerHeaders(dialler.hub, version),
          connection: "Upgrade",
          upgrade: "websocket",
          // The hub lets only its own pages open a link; this stands for one.
          origin: dialler.hub.origin,
          "sec-websocket-key": key,
          "sec-websocket-version": "13",
        },
      },
      "own",
    );
    let isAnswered = false;
    const refuse = (status: number, text: string): void => {
      if (isAnswered) return;
      isAnswered = true;
      outgoing.destroy();
      refuseUpgrade(socket, status, text);
    };
    outgoing.on("timeout", () => refuse(504, "The hub did not answer in time."));
    outgoing.on("error", () => refuse(502, "The hub cannot be reached."));
    outgoing.on("response", ({ statusCode }) => {
      if (statusCode === 401) refuse(401, "Log in again with `leapmux login`.");
      else refuse(502, "The hub does not open a link.");
    });
    outgoing.on("upgrade", (answer, hubSocket: Socket, hubHead) => {
      if (isAnswered || socket.destroyed || !isRightAnswer(answer, key)) {
        hubSocket.destroy();
        return refuse(502, "The hub's answer is no WebSocket.");
      }
      isAnswered = true;
      socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
          `Sec-WebSocket-Accept: ${acceptOf(key)}\r\n\r\n`,
      );
      if (hubHead.length > 0) hubSocket.unshift(hubHead);
      if (head.length > 0) socket.unshift(head);
      for (const each of [hubSocket, socket as Socket]) {
        each.setNoDelay(true);
        each.setTimeout(idleTimeoutMs, () => each.destroy());
      }
      pipeline(socket, hubSocket, () => hubSocket.destroy());
      pipeline(hubSocket, socket, () => socket.destroy());
    });
    socket.once("close", () => outgoing.destroy());
    outgoing.end();
  }

  return {
    join,
    close() {
      for (const socket of open) socket.destroy();
    },
  };
}

/** RFC 6455 §4.1: what a client has to check. Nothing was offered, so nothing may be agreed. */
function isRightAnswer({ headers }: IncomingMessage, key: string): boolean {
  return (
    headers.upgrade?.toLowerCase() === "websocket" &&
    headers["sec-websocket-accept"] === acceptOf(key) &&
    headers["sec-websocket-extensions"] === undefined &&
    headers["sec-websocket-protocol"] === undefined
  );
}

function acceptOf(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

export function refuseUpgrade(socket: Duplex, status: number, text: string): void {
  const body = `${text}\n`;
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
