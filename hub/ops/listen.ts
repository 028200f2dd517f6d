import { createServer as createHttp1Server, type IncomingMessage } from "node:http";
import {
  constants,
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from "node:http2";
import type { ServerResponse } from "node:http";
import { createServer as createNetServer, type AddressInfo, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import type { HubLimits } from "../config/hub-limits.ts";
import { every } from "./hub-clock.ts";
import { bindPrivately, claimSocketPath, describeSocketError } from "./socket-file.ts";
import { sniffProtocol } from "./sniff-protocol.ts";

export type Request = IncomingMessage | Http2ServerRequest;
export type Response = ServerResponse | Http2ServerResponse;

export interface Handlers {
  onRequest(request: Request, response: Response): void;
  /** HTTP/1 asks to become a WebSocket. */
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export interface Listener {
  readonly address: ListenerAddress;
  /** No new connections and no further requests on idle ones. */
  stopAccepting(): void;
  /** Ends what is left, at the latest after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** A path names a socket in the file system, which only its owner may open. */
export type ListenPlace =
  | { readonly host: string; readonly port: number }
  | { readonly path: string };

export interface ListenerAddress {
  /** An IP address, or the path. */
  readonly address: string;
  /** 0 for a path. */
  readonly port: number;
}

/** What a worker may have under way on its link; less costs a third of the throughput. */
const windowBytes = 4 * 1024 * 1024;

/**
 * The one port: HTTP/2 without TLS, HTTP/1 and WebSocket. A socket is watched at each stage of its life:
 * first bytes (sniff-protocol), head and body of a request (node:http; for HTTP/2 serve-requests), and the
 * time that it may stay open with nothing to do.
 */
export async function listen(options: {
  readonly place: ListenPlace;
  readonly limits: HubLimits;
  readonly clock: Clock;
  /** Called once the port is known, before the first connection. */
  readonly makeHandlers: (address: ListenerAddress) => Handlers;
}): Promise<Listener> {
  const { limits, clock } = options;
  // The longest that an answer may leave us waiting without fault of the reader is an opening.
  const stalledMs = limits.idleConnectionTimeoutMs + limits.openingTimeoutMs;
  const sockets = new Set<Socket>();
  const http2Sessions = new Set<ServerHttp2Session>();
  let handlers: Handlers | null = null;

  const http1 = createHttp1Server(
    {
      noDelay: true,
      headersTimeout: Math.min(limits.firstBytesTimeoutMs, limits.requestTimeoutMs),
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.idleConnectionTimeoutMs,
      connectionsCheckingInterval: limits.connectionCheckIntervalMs,
      // Other upgrades (h2c of curl) are ordinary requests.
      shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === "websocket",
    },
    (request, response) => handlers?.onRequest(request, response),
  );
  // Nothing moved in either direction: an answer that nobody reads. Does not outlast an upgrade.
  http1.timeout = stalledMs;
  http1.on("upgrade", (request, socket, head) => handlers?.onUpgrade(request, socket, head));
  // It never listens itself, and that event is what starts its watch over deadlines.
  http1.emit("listening");

  const http2 = createHttp2Server(
    {
      settings: {
        maxConcurrentStreams: 128,
        initialWindowSize: windowBytes,
        maxHeaderListSize: 16 * 1024,
        enableConnectProtocol: false,
      },
    },
    (request, response) => handlers?.onRequest(request, response),
  );
  http2.on("session", (session) => {
    http2Sessions.add(session);
    watchHttp2(session, limits, clock);
    session.on("close", () => http2Sessions.delete(session));
    session.on("error", () => session.destroy());
  });
  http2.on("sessionError", () => undefined);
  // Before its request is looked at, which exempts a link.
  http2.prependListener("stream", (stream) => {
    stream.setTimeout(stalledMs, () => stream.close(constants.NGHTTP2_CANCEL));
  });

  const server = createNetServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    sniffProtocol(socket, { clock, timeoutMs: limits.firstBytesTimeoutMs }, (protocol) => {
      (protocol === "http2" ? http2 : http1).emit("connection", socket);
      // node:http2 took the socket's handle; node:http reads the stream.
      if (protocol === "http1") process.nextTick(() => socket.resume());
    });
  });
  server.maxConnections = limits.maxConnections;

  const { place } = options;
  const release = "path" in place ? await claimSocketPath(place.path) : () => undefined;
  const address = await new Promise<ListenerAddress>((resolve, reject) => {
    server.once("error", reject);
    const found = (): void => {
      server.off("error", reject);
      server.on("error", () => undefined);
      const where =
        "path" in place ? { address: place.path, port: 0 } : (server.address() as AddressInfo);
      handlers = options.makeHandlers(where);
      resolve(where);
    };
    if ("path" in place) bindPrivately(() => server.listen(place, found));
    else server.listen(place, found);
  }).catch((error: unknown) => {
    release();
    throw "path" in place ? describeSocketError(place.path, error) : error;
  });
  /** Removes a socket from the file system at once, and only then lets go of its place. */
  function stopListening(): void {
    server.close();
    release();
    http1.closeIdleConnections();
  }

  return {
    address,
    stopAccepting: stopListening,
    async close(graceMs) {
      stopListening();
      for (const session of http2Sessions) session.close();
      const gone = new Promise<void>((resolve) => {
        if (sockets.size === 0) return resolve();
        for (const socket of sockets) {
          socket.once("close", () => {
            if (sockets.size === 0) resolve();
          });
        }
      });
      const cancel = clock.after(graceMs, () => {
        for (const session of http2Sessions) session.destroy();
        for (const socket of sockets) socket.destroy();
      });
      await gone;
      cancel();
      http1.close();
      http2.close();
    },
  };
}

/** An HTTP/2 connection has to open a stream soon, and later never stay without one for long. */
function watchHttp2(session: ServerHttp2Session, limits: HubLimits, clock: Clock): void {
  let openStreams = 0;
  let isPingUnanswered = false;
  let cancel = clock.after(limits.firstBytesTimeoutMs, () => session.destroy());
  session.setLocalWindowSize(2 * windowBytes);
  session.on("stream", (stream) => {
    openStreams += 1;
    cancel();
    stream.once("close", () => {
      openStreams -= 1;
      if (openStreams > 0 || session.closed || session.destroyed) return;
      cancel = clock.after(limits.idleConnectionTimeoutMs, () => session.close());
    });
  });
  // A peer that vanished without a word leaves a connection that looks open for hours.
  const stopPinging = every(clock, limits.http2PingMs, (isLate) => {
    if (isPingUnanswered && !isLate) return session.destroy();
    isPingUnanswered = true;
    session.ping((error) => (isPingUnanswered = error !== null));
  });
  session.once("close", () => {
    cancel();
    stopPinging();
  });
}
