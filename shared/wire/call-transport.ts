import type {
  DescMessage,
  DescMethodStreaming,
  DescMethodUnary,
  MessageInitShape,
} from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type StreamResponse,
  type Transport,
  type UnaryResponse,
} from "@connectrpc/connect";
import type { CloseReason } from "../errors/close-reason.ts";
import { maxOpenCalls } from "../limits/limits.ts";
import type { Clock } from "../platform/platform.ts";
import { makeClosedError } from "./call-error.ts";
import { type ClientCall, type ClientCallOptions, makeClientCall } from "./client-call.ts";
import { decodeMessage } from "./decode-message.ts";
import type { MessagePipe } from "./message-pipe.ts";

/** Connect's way to hand headers in: fetch's HeadersInit, which is not declared here. */
type HeadersSource = Parameters<Transport["unary"]>[3];

/** What the table needs of a call; its types are the caller's business. */
type OpenCall = Pick<ClientCall<DescMessage, DescMessage>, "accept" | "abort">;

/**
 * An open channel as a Connect transport: generated clients run on it unchanged (protocol §5.4). One per
 * pipe. A channel that closes fails every open call with `unavailable` and the close reason as its reason
 * (`readErrorReason`). As with every Connect transport, a client's stream is cancelled by its signal.
 */
export function createCallTransport(
  pipe: MessagePipe,
  options: { readonly clock: Clock },
): Transport {
  const { clock } = options;
  const calls = new Map<bigint, OpenCall>();
  let nextId = 1n;
  let closed: CloseReason | null = null;

  pipe.onClose((reason) => {
    closed = reason;
    const error = makeClosedError(reason);
    for (const call of [...calls.values()]) call.abort(error, false);
    calls.clear();
  });

  pipe.onMessage((correlationId, message) => {
    if (closed) return;
    const call = calls.get(correlationId);
    if (!call) {
      // Late, for a call that is over; an id that we never chose is not late.
      if (correlationId >= nextId) pipe.close("protocol_violation");
      return;
    }
    const decoded = decodeMessage(message);
    if (!decoded.ok || !call.accept(decoded.body)) pipe.close("protocol_violation");
  });

  function open<I extends DescMessage, O extends DescMessage>(
    method: ClientCallOptions<I, O>["method"],
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    header: HeadersSource,
  ): ClientCall<I, O> {
    if (closed) throw makeClosedError(closed);
    if (signal?.aborted) throw ConnectError.from(signal.reason, Code.Canceled);
    if (calls.size >= maxOpenCalls) {
      throw new ConnectError("too many calls open in this channel", Code.ResourceExhausted);
    }
    const correlationId = nextId++;
    const call = makeClientCall<I, O>({
      pipe,
      clock,
      correlationId,
      method,
      header: new Headers(header),
      timeoutMs,
      signal,
      onOver: () => calls.delete(correlationId),
    });
    calls.set(correlationId, call);
    return call;
  }

  /** Starts a call, or forgets it where its first message cannot be sent. */
  function begin(call: OpenCall, start: () => void): void {
    try {
      start();
    } catch (error) {
      const failure = ConnectError.from(error, Code.Internal);
      call.abort(failure, false);
      throw failure;
    }
  }

  return {
    async unary<I extends DescMessage, O extends DescMessage>(
      method: DescMethodUnary<I, O>,
      signal: AbortSignal | undefined,
      timeoutMs: number | undefined,
      header: HeadersSource,
      input: MessageInitShape<I>,
    ): Promise<UnaryResponse<I, O>> {
      const call = open<I, O>(method, signal, timeoutMs, header);
      begin(call, () => call.startWith(input));
      const responses = call.responses[Symbol.asyncIterator]();
      const first = await responses.next();
      if (first.done) throw new ConnectError("response is missing", Code.Unimplemented);
      const second = await responses.next();
      if (!second.done) {
        void responses.return?.();
        throw new ConnectError("more than one response", Code.Unimplemented);
      }
      const { header: responseHeader, trailer } = call;
      const service = method.parent;
      return {
        stream: false,
        service,
        method,
        header: responseHeader,
        message: first.value,
        trailer,
      };
    },

    async stream<I extends DescMessage, O extends DescMessage>(
      method: DescMethodStreaming<I, O>,
      signal: AbortSignal | undefined,
      timeoutMs: number | undefined,
      header: HeadersSource,
      input: AsyncIterable<MessageInitShape<I>>,
    ): Promise<StreamResponse<I, O>> {
      // The one request of a server stream travels with the start of its call.
      const single = method.methodKind === "server_streaming" ? await readSingle(input) : null;
      const call = open<I, O>(method, signal, timeoutMs, header);
      begin(call, () => (single ? call.startWith(single.request) : call.startStream(input)));
      await call.answered;
      const { header: responseHeader, trailer, responses } = call;
      const service = method.parent;
      return { stream: true, service, method, header: responseHeader, message: responses, trailer };
    },
  };
}

async function readSingle<T>(input: AsyncIterable<T>): Promise<{ readonly request: T }> {
  for await (const request of input) return { request };
  throw new ConnectError("request is missing", Code.InvalidArgument);
}
