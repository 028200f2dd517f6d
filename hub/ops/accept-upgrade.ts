import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Relay } from "../relay/relay.ts";
import type { Handlers } from "./listen.ts";

/** What a request to become a WebSocket comes to. */
export type UpgradeVerdict =
  | { readonly ok: false; readonly status: number; readonly message: string }
  /** Called at once, before anything that the other side sent is read. */
  | { readonly ok: true; serve(webSocket: WebSocket): void | Promise<void> };

/** Both kinds of link begin like this: the request is judged by its head alone, and what fails costs its socket and no more. */
export function acceptUpgrades(
  relay: Relay,
  judge: (request: IncomingMessage) => Promise<UpgradeVerdict>,
): Handlers["onUpgrade"] {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: relay.limits.maxLinkMessageBytes,
    // Answered by hand, if at all, and only while the answers are read.
    autoPong: false,
  });

  return (request, socket, head) => {
    const fail = (error: unknown): void => {
      relay.log.failure("link could not be accepted", error);
      socket.destroy();
    };
    async function accept(): Promise<void> {
      const verdict = await judge(request);
      if (!verdict.ok) return refuseUpgrade(socket, verdict.status, verdict.message);
      server.handleUpgrade(request, socket, head, (webSocket) => {
        // ws closes the socket after an error by itself; without a listener the process would end.
        webSocket.on("error", () => undefined);
        Promise.try(verdict.serve, webSocket).catch(fail);
      });
    }
    accept().catch(fail);
  };
}

/** What every upgrade is answered with that comes to nothing. */
const phrases: Record<number, string> = {
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  429: "Too Many Requests",
  421: "Misdirected Request",
  503: "Service Unavailable",
};

export function refuseUpgrade(socket: Duplex, status: number, text: string): void {
  const body = `${text}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${phrases[status] ?? "Error"}\r\nconnection: close\r\n` +
      `content-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
