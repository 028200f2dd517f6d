import { connect } from "node:net";
import type { Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { nodeClock } from "@leapmux/native/node-platform.ts";
import { type LinkKind, makeFallBackTransport } from "./fall-back.ts";
import { makeWebSocketStream } from "./websocket-stream.ts";

/** Bytes of one message from the hub; batches of frames are far smaller. Empty frames decode to 80 times this. */
const readMaxBytes = 1024 * 1024;

/** A way that brings nothing for so long is given up for the other, ms; less than a link may be silent. */
const silentMs = 5_000;

export interface HubTransportOptions {
  /** `auto`: gRPC where it gets through, a WebSocket where not. */
  readonly link: LinkKind | "auto";
  /** What worked last time, for `auto`. */
  readonly remembered?: LinkKind | undefined;
  readonly onWorked?: (kind: LinkKind) => void;
}

/**
 * The way to a hub that is not in this process, without TLS for http:// and unix:PATH and with it for https://:
 * gRPC over HTTP/2, or HTTP/1.1 with a WebSocket for the link. Compression is off in both directions: what
 * travels is ciphertext. Throws for anything that is not such an address.
 */
export function makeHubTransport(
  url: string,
  options: HubTransportOptions = { link: "grpc" },
): Transport {
  if (url.startsWith("unix:")) {
    // Nothing stands between that could break HTTP/2.
    const path = url.slice("unix:".length);
    return createGrpcTransport({
      // A name has to stand there; nobody looks it up.
      baseUrl: "http://localhost",
      acceptCompression: [],
      readMaxBytes,
      nodeOptions: { createConnection: () => connect({ path }) },
    });
  }
  const parsed = URL.parse(url);
  if (!parsed || (parsed.protocol !== "http:" && parsed.protocol !== "https:")) {
    throw new TypeError("the hub's address must start with http://, https:// or unix:");
  }
  if (parsed.username || parsed.password || parsed.search || parsed.hash) {
    throw new TypeError("the hub's address must be a scheme, a host and a port, and no more");
  }
  const baseUrl = parsed.href.replace(/\/$/, "");
  const { link, remembered, onWorked } = options;
  const ways = { grpc: makeGrpc(baseUrl), websocket: makeWebSocketWay(baseUrl) };
  if (link !== "auto") return ways[link];
  return makeFallBackTransport({
    ways,
    first: remembered ?? "grpc",
    onWorked: onWorked ?? (() => undefined),
    clock: nodeClock,
    silentMs,
  });
}

function makeGrpc(baseUrl: string): Transport {
  return createGrpcTransport({ baseUrl, acceptCompression: [], readMaxBytes });
}

function makeWebSocketWay(baseUrl: string): Transport {
  const { unary } = createConnectTransport({
    baseUrl,
    httpVersion: "1.1",
    useBinaryFormat: true,
    acceptCompression: [],
    readMaxBytes,
  });
  return { unary, stream: makeWebSocketStream(baseUrl, { readMaxBytes }) };
}
