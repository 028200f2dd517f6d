import { connect } from "node:net";
import type { Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";

/** Bytes of one message from the hub; batches of frames are far smaller. Empty frames decode to 80 times this. */
const readMaxBytes = 1024 * 1024;

/**
 * The way to a hub that is not in this process: gRPC over HTTP/2, without TLS for http:// and unix:PATH and
 * with it for https://. Compression is off in both directions: what travels is ciphertext.
 * Throws for anything that is not such an address.
 */
export function makeHubTransport(url: string): Transport {
  if (url.startsWith("unix:")) {
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
  return createGrpcTransport({
    baseUrl: parsed.href.replace(/\/$/, ""),
    acceptCompression: [],
    readMaxBytes,
  });
}
