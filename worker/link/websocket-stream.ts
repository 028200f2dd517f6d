import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type MessageShape,
} from "@bufbuild/protobuf";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { ErrorReasonSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import { linkRefusedCode } from "@leapmux/shared/limits/limits.ts";
import { WebSocket } from "ws";

/** Messages that wait for us; beyond, the socket is not read. */
const maxWaiting = 16;
/** The upgrade has to be answered by then, ms. */
const handshakeTimeoutMs = 10_000;

/**
 * The worker's link over a WebSocket, for hubs behind something that breaks HTTP/2: as a transport's stream,
 * so that whoever runs the link does not know. One message in each binary message, in both directions; one
 * is on its way at a time.
 */
export function makeWebSocketStream(
  origin: string,
  options: { readonly readMaxBytes: number },
): Transport["stream"] {
  const url = `${origin.replace(/^http/, "ws")}/worker-link`;

  return async (method, signal, _timeoutMs, header, input) => {
    signal?.throwIfAborted();
    const socket = new WebSocket(url, {
      headers: Object.fromEntries(new Headers(header)),
      perMessageDeflate: false,
      maxPayload: options.readMaxBytes,
      handshakeTimeout: handshakeTimeoutMs,
    });
    const end = (): void => socket.terminate();
    signal?.addEventListener("abort", end, { once: true });
    socket.once("close", () => signal?.removeEventListener("abort", end));
    const message = readMessages(socket, method.output);
    await opened(socket);
    void sendAll(socket, input, (init) => toBinary(method.input, create(method.input, init)));
    return {
      stream: true,
      service: method.parent,
      method,
      header: new Headers(),
      trailer: new Headers(),
      message,
    };
  };
}

/** Whatever the other side says to the upgrade, short of taking it, may pass: it need not be the hub. */
function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("unexpected-response", (_request, response) => {
      response.resume();
      socket.terminate();
      reject(
        new ConnectError(`the upgrade was answered with ${response.statusCode}`, Code.Unavailable),
      );
    });
    socket.on("error", (error) => {
      reject(new ConnectError("no connection", Code.Unavailable, undefined, undefined, error));
    });
  });
}

async function sendAll<T>(
  socket: WebSocket,
  input: AsyncIterable<T>,
  encode: (init: T) => Uint8Array,
): Promise<void> {
  try {
    for await (const init of input) {
      if (socket.readyState !== socket.OPEN) return;
      await new Promise<void>((resolve) => socket.send(encode(init), () => resolve()));
    }
    socket.close(1000);
  } catch {
    socket.terminate();
  }
}

/** Listens from this call on. Ends with what the hub said at the close, or with the loss of the link. */
function readMessages<O extends DescMessage>(
  socket: WebSocket,
  schema: O,
): AsyncGenerator<MessageShape<O>> {
  const waiting: Buffer[] = [];
  let wake = (): void => undefined;
  let closed: { readonly code: number; readonly reason: string } | null = null;
  socket.on("message", (data, isBinary) => {
    // A hub never sends text.
    if (!isBinary) return socket.terminate();
    waiting.push(data as Buffer);
    if (waiting.length >= maxWaiting) socket.pause();
    wake();
  });
  socket.once("close", (code, reason) => {
    closed = { code, reason: reason.toString() };
    wake();
  });

  async function* read(): AsyncGenerator<MessageShape<O>> {
    try {
      for (;;) {
        const data = waiting.shift();
        if (data !== undefined) {
          if (waiting.length === 0) socket.resume();
          // Plain views, as over gRPC: `slice` of a Buffer means something else.
          yield fromBinary(schema, new Uint8Array(data.buffer, data.byteOffset, data.length));
        } else if (closed !== null) {
          return throwUnlessPlain(closed);
        } else {
          await new Promise<void>((resolve) => (wake = resolve));
        }
      }
    } finally {
      socket.terminate();
    }
  }
  return read();
}

function throwUnlessPlain({ code, reason }: { code: number; reason: string }): void {
  if (code === 1000 || code === 1001) return;
  const refusal = code - linkRefusedCode;
  if (Code[refusal] === undefined) throw new ConnectError("the link was lost", Code.Unavailable);
  throw new ConnectError("the hub refused the link", refusal, undefined, [
    { desc: ErrorReasonSchema, value: { reason } },
  ]);
}
