import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { ConnectError } from "@connectrpc/connect";
import { WebSocketServer } from "ws";
import { authenticateWorker, followWorker } from "../rpc/worker-link/authenticate-worker.ts";
import { refuseWorkerSocket, serveWorkerSocket } from "../rpc/worker-link/worker-socket.ts";
import type { RouteParts } from "../rpc/register-routes.ts";
import { refuseUpgrade } from "./accept-link.ts";
import type { SourceRules } from "./check-request-source.ts";
import type { LogRefusal } from "./log-refusals.ts";
import { readRequestSource } from "./read-request-source.ts";

/**
 * The upgrade of a worker's link where something between breaks HTTP/2. No page has any business here, so
 * whatever names an Origin is refused. A worker that is not known is told so behind the upgrade: an HTTP
 * status could be the word of whatever stands between, and a worker gives up on the hub's word alone.
 */
export function makeWorkerLinkAcceptor(options: {
  readonly rules: SourceRules;
  readonly parts: Pick<
    RouteParts,
    "relay" | "workers" | "registrationKeys" | "revocations" | "announceChange" | "keyedHash"
  >;
  readonly logRefusal: LogRefusal;
}): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const { rules, parts, logRefusal } = options;
  const { relay, workers, keyedHash } = parts;
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: relay.limits.maxLinkMessageBytes,
    // Its heartbeat is a message; answers that nobody reads must not pile up.
    autoPong: false,
  });

  async function accept(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const source = readRequestSource(request);
    const checked = rules.check(source, "call");
    if (!checked.ok || source.origin !== undefined) {
      const status = checked.ok ? 403 : checked.status;
      logRefusal("worker link refused by its source", { code: String(status) });
      return refuseUpgrade(socket, status, checked.ok ? "Not for pages." : checked.message);
    }
    if (relay.isStopping) return refuseUpgrade(socket, 503, "The hub is stopping.");
    const headers = {
      get(name: string) {
        const value = request.headers[name];
        return typeof value === "string" ? value : null;
      },
    };
    const row = await authenticateWorker(workers, keyedHash, headers).catch((error: unknown) => {
      if (error instanceof ConnectError) return error;
      throw error;
    });
    server.handleUpgrade(request, socket, head, (webSocket) => {
      if (row instanceof ConnectError) refuseWorkerSocket(relay, webSocket, row);
      else {
        webSocket.on("close", followWorker(keyedHash, headers));
        serveWorkerSocket(parts, webSocket, row);
      }
    });
  }

  return (request, socket, head) => {
    accept(request, socket, head).catch((error: unknown) => {
      relay.log.failure("worker link could not be accepted", error);
      socket.destroy();
    });
  };
}
