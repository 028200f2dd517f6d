import {
  create,
  type DescMessage,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { defaultMaxMessageBytes, maxEnvelopeBytes, maxTimeoutMs } from "../limits/limits.ts";
import type { Clock } from "../platform/platform.ts";
import { decodeCallError, makeReasonError } from "./call-error.ts";
import { makeReceiveCredit, makeSendCredit } from "./credit-window.ts";
import { encodeMessage, type MessageBody, type MessageBodyInit } from "./encode-message.ts";
import { decodeHeaders, encodeHeaders } from "./headers.ts";
import type { MessagePipe } from "./message-pipe.ts";
import { makeMessagePump, type MessagePump } from "./message-pump.ts";
import { makeMessageQueue } from "./message-queue.ts";

export interface ClientCallOptions<I extends DescMessage, O extends DescMessage> {
  readonly pipe: MessagePipe;
  readonly clock: Clock;
  readonly correlationId: bigint;
  readonly method: DescMethod & { readonly input: I; readonly output: O };
  readonly header: Headers;
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  /** The call is over in every respect: what comes for it from now on is late. */
  readonly onOver: () => void;
}

/** One message of the worker; false: it broke the protocol. */
export type AcceptBody = (body: MessageBody) => boolean;

/**
 * One call as its caller sees it.
 *
 *   start ── data* ── end of requests        (client to worker, paced by sendCredit)
 *     └──── response headers? ── data* ── end   (worker to client, paced by receiveCredit)
 *   over: end arrived | cancelled | deadline | channel closed | reader left
 */
export interface ClientCall<I extends DescMessage, O extends DescMessage> {
  /** Sends the only request. */
  startWith(request: MessageInitShape<I>): void;
  /** Sends the requests as credit allows. */
  startStream(requests: AsyncIterable<MessageInitShape<I>>): void;
  readonly accept: AcceptBody;
  /** Ends it from this side with what the reader gets; tells the worker unless the channel is gone. */
  abort(error: ConnectError, tellWorker: boolean): void;
  /** Resolves with the first sign of the worker: headers, data or the end. Never rejects. */
  readonly answered: Promise<void>;
  readonly responses: AsyncIterable<MessageShape<O>>;
  readonly header: Headers;
  /** Filled when the responses are through. */
  readonly trailer: Headers;
}

export function makeClientCall<I extends DescMessage, O extends DescMessage>(
  options: ClientCallOptions<I, O>,
): ClientCall<I, O> {
  const { pipe, clock, correlationId, method, signal, onOver } = options;
  const maxMessageBytes = pipe.maxMessageBytes ?? defaultMaxMessageBytes;
  const sendCredit = makeSendCredit();
  const receiveCredit = makeReceiveCredit();
  const header = new Headers();
  const trailer = new Headers();
  // 0 and less: no deadline, as everywhere in Connect.
  const timeoutMs = Math.min(Math.ceil(Math.max(options.timeoutMs ?? 0, 0)), maxTimeoutMs);
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  let pump: MessagePump | null = null;
  let cancelDeadline: () => void = () => undefined;
  let over = false;

  const queue = makeMessageQueue<MessageShape<O>>({
    onConsume(dataBytes) {
      const bytes = receiveCredit.consume(dataBytes);
      if (bytes > 0 && !over) send({ case: "credit", value: { bytes } });
    },
    onReturn: () => abort(new ConnectError("reader left the stream", Code.Canceled), true),
  });

  function send(body: MessageBodyInit): void {
    const message = encodeMessage(body);
    const dataBytes = body.case === "callStart" ? (body.value.data?.length ?? 0) : 0;
    const isEnvelopeTooLarge =
      body.case !== "data" && message.length - dataBytes > maxEnvelopeBytes;
    if (message.length > maxMessageBytes || isEnvelopeTooLarge) {
      throw makeReasonError(Code.ResourceExhausted, "message_too_large");
    }
    pipe.send(correlationId, message);
  }

  function onAbort(): void {
    abort(ConnectError.from(signal?.reason, Code.Canceled), true);
  }

  function end(): void {
    over = true;
    cancelDeadline();
    signal?.removeEventListener("abort", onAbort);
    pump?.stop();
    answer();
    onOver();
  }

  function abort(error: ConnectError, tellWorker: boolean): void {
    if (over) return;
    queue.fail(error);
    if (tellWorker) send({ case: "callCancel", value: {} });
    end();
  }

  function start(first?: { readonly data: Uint8Array<ArrayBuffer> }): void {
    send({
      case: "callStart",
      value: {
        method: `${method.parent.typeName}/${method.name}`,
        timeoutMs,
        headers: encodeHeaders(options.header),
        halfClose: first !== undefined,
        ...first,
      },
    });
    if (first) sendCredit.spend(first.data.length);
    if (timeoutMs > 0) {
      cancelDeadline = clock.after(timeoutMs, () =>
        abort(new ConnectError("the operation timed out", Code.DeadlineExceeded), true),
      );
    }
    signal?.addEventListener("abort", onAbort, { once: true });
  }

  const encodeRequest = (request: MessageInitShape<I>) =>
    toBinary(method.input, create(method.input, request));

  function receiveData(data: Uint8Array): boolean {
    if (!receiveCredit.receive(data.length)) return false;
    let response: MessageShape<O>;
    try {
      response = fromBinary(method.output, data);
    } catch {
      abort(new ConnectError("response is malformed", Code.Internal), true);
      return true;
    }
    queue.push(response, data.length);
    answer();
    return true;
  }

  function receiveEnd(error: ConnectError | null): void {
    error?.metadata.forEach((value, name) => trailer.set(name, value));
    queue.finish(error ?? undefined);
    end();
  }

  return {
    answered,
    responses: queue,
    header,
    trailer,
    abort,
    startWith: (request) => start({ data: encodeRequest(request) }),
    startStream(requests) {
      start();
      pump = makeMessagePump({
        source: requests,
        credit: sendCredit,
        send(request) {
          const data = encodeRequest(request);
          send({ case: "data", value: data });
          sendCredit.spend(data.length);
        },
      });
      pump.run().then(
        (how) => {
          if (how === "finished" && !over) send({ case: "callEnd", value: {} });
        },
        (error: unknown) => abort(ConnectError.from(error, Code.Unknown), true),
      );
    },
    accept(body) {
      if (over) return true;
      switch (body.case) {
        case "data":
          return receiveData(body.value);
        case "credit":
          return sendCredit.grant(body.value.bytes);
        case "responseHeaders":
          decodeHeaders(body.value.headers).forEach((value, name) => header.append(name, value));
          answer();
          return true;
        case "callEnd":
          decodeHeaders(body.value.trailers).forEach((value, name) => trailer.append(name, value));
          receiveEnd(decodeCallError(body.value));
          return true;
        default:
          return false;
      }
    },
  };
}
