import type { LinkSocket } from "@leapmux/shared/client/dial-hub.ts";
import { WebSocket } from "ws";
import { readVersion } from "../version.ts";

/** A little more than the parser of the link takes, which says so with a reason. */
const maxMessageBytes = 4 * 1024 * 1024 + 1024;
const handshakeTimeoutMs = 10_000;

/**
 * The command line's WebSocket to its hub. It names the hub's own origin, as everybody has to who opens a
 * link there; the login travels in a header and never in the address. Redirects are not followed.
 */
export function dialSocket(options: {
  readonly hub: string;
  readonly loginToken: string | undefined;
  /** The hub knows no login of ours, or none any more. */
  readonly onUnauthorised: () => void;
}): LinkSocket {
  const { hub, loginToken } = options;
  const socket = new WebSocket(`${hub.replace(/^http/, "ws")}/link`, {
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
    followRedirects: false,
    handshakeTimeout: handshakeTimeoutMs,
    headers: {
      origin: hub,
      "user-agent": `leapmux/${readVersion()}`,
      ...(loginToken === undefined ? {} : { authorization: `Bearer ${loginToken}` }),
    },
  });
  // Its close follows and says all that is needed.
  socket.on("error", () => undefined);
  socket.on("unexpected-response", (request, response) => {
    if (response.statusCode === 401) options.onUnauthorised();
    request.destroy();
    socket.terminate();
  });
  return {
    get binaryType() {
      return socket.binaryType;
    },
    set binaryType(type) {
      socket.binaryType = type as "arraybuffer";
    },
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
    send: (bytes) => socket.send(bytes),
    close: () => (socket.readyState === WebSocket.OPEN ? socket.close() : socket.terminate()),
    addEventListener(type: "message" | "close", run: (event: never) => void) {
      socket.addEventListener(type, run as (event: unknown) => void);
    },
  };
}
