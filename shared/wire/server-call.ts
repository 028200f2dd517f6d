import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { Code, ConnectError, type ContextValues, type HandlerContext } from "@connectrpc/connect";
import type { MethodImplSpec } from "@connectrpc/connect";
import type { CallStart } from "@leapmux/proto/sealed/v1/message_pb.ts";
import { defaultMaxMessageBytes, maxEnvelopeBytes, maxTimeoutMs } from "../limits/limits.ts";
import type { Clock } from "../platform/platform.ts";
import { type CallEndInit, encodeCallError, makeReasonError } from "./call-error.ts";
import { makeReceiveCredit, makeSendCredit } from "./credit-window.ts";
import { encodeMessage, type MessageBody, type MessageBodyInit } from "./encode-message.ts";
import { decodeHeaders, encodeHeaders } from "./headers.ts";
import { makeMessagePump, type MessagePump } from "./message-pump.ts";
import type { MessagePipe } from "./message-pipe.ts";
import { makeMessageQueue } from "./message-queue.ts";

export interface ServerCallOptions {
  readonly pipe: MessagePipe;
  readonly clock: Clock;
  readonly correlationId: bigint;
  readonly spec: MethodImplSpec;
  readonly start: CallStart;
  readonly values: ContextValues;
  /** The handler threw something that is no ConnectError: the caller only hears `internal`. */
  readonly onHandlerError: (error: unknown) => void;
  /** Nothing more is sent or received; the handler may still be cleaning up. */
  readonly onOver: () => void;
  /** The handler is through as well. */
  readonly onSettled: () => void;
}

export interface ServerCall {
  /** Runs the handler. False: the first message already broke the protocol. */
  run(): boolean;
  /** One message of the client; false: it broke the protocol. */
  accept(body: MessageBody): boolean;
  /** Ends it without a word to the client. */
  abort(error: ConnectError): void;
}

/** What a handler that is still busy after the end of its call hears; its stack interests nobody. */
const callOver = new ConnectError("call is over", Code.Canceled);

/**
 * One call as its handler sees it; the mirror of `client-call`. The handler's iterator is pulled only while
 * the client has granted credit, its signal fires when the call is over for whatever reason.
 */
export function makeServerCall(options: ServerCallOptions): ServerCall {
  const { pipe, clock, correlationId, spec, start, onOver } = options;
  const { method } = spec;
  const maxMessageBytes = pipe.maxMessageBytes ?? defaultMaxMessageBytes;
  const sendCredit = makeSendCredit();
  const receiveCredit = makeReceiveCredit();
  const timeoutMs = Math.min(start.timeoutMs, maxTimeoutMs);
  const deadlineMs = timeoutMs > 0 ? clock.now() + timeoutMs : undefined;
  let cancelDeadline: () => void = () => undefined;
  let pump: MessagePump | null = null;
  let headersSent = false;
  let halfClosed = false;
  let over = false;
  let endedBy: ConnectError = callOver;
  // Made when a handler asks for its signal: most never do.
  let controller: AbortController | null = null;

  const requests = makeMessageQueue<MessageShape<DescMessage>>({
    onConsume(dataBytes) {
      const bytes = receiveCredit.consume(dataBytes);
      if (bytes > 0 && !over) send({ case: "credit", value: { bytes } });
    },
    // A handler may stop reading requests and still answer.
    onReturn: () => undefined,
  });

  const context: HandlerContext = {
    method,
    service: method.parent,
    get signal() {
      controller ??= new AbortController();
      if (over) controller.abort(endedBy);
      return controller.signal;
    },
    timeoutMs: () => (deadlineMs === undefined ? undefined : deadlineMs - clock.now()),
    requestMethod: "POST",
    requestHeader: decodeHeaders(start.headers),
    responseHeader: new Headers(),
    responseTrailer: new Headers(),
    protocolName: "leapmux",
    values: options.values,
    url: `leapmux:/${start.method}`,
  };

  function send(body: MessageBodyInit): void {
    const message = encodeMessage(body);
    const maxBytes = body.case === "data" ? maxMessageBytes : maxEnvelopeBytes;
    if (message.length > maxBytes) {
      throw makeReasonError(Code.ResourceExhausted, "message_too_large");
    }
    pipe.send(correlationId, message);
  }

  function sendHeaders(): void {
    if (headersSent) return;
    headersSent = true;
    const headers = encodeHeaders(context.responseHeader);
    if (headers.length > 0) send({ case: "responseHeaders", value: { headers } });
  }

  function sendResponse(response: MessageInitShape<DescMessage>): void {
    const data = toBinary(method.output, create(method.output, response));
    sendHeaders();
    send({ case: "data", value: data });
    sendCredit.spend(data.length);
  }

  /** No message in either direction after this. */
  function finish(error: ConnectError): void {
    over = true;
    endedBy = error;
    cancelDeadline();
    requests.fail(error);
    pump?.stop();
    controller?.abort(error);
    onOver();
  }

  function endWith(error: unknown): void {
    if (over) return;
    const isExpected = error === null || error instanceof ConnectError;
    if (!isExpected) options.onHandlerError(error);
    const end: CallEndInit = error === null ? { code: 0 } : encodeCallError(error);
    end.trailers = [...(end.trailers ?? []), ...encodeHeaders(context.responseTrailer)];
    sendEnd(end);
    finish(isExpected && error !== null ? error : callOver);
  }

  function sendEnd(end: CallEndInit): void {
    try {
      sendHeaders();
      send({ case: "callEnd", value: end });
    } catch {
      // Headers or trailers that make the message too large: the result counts, they do not.
      send({
        case: "callEnd",
        value: { code: Code.ResourceExhausted, reason: "message_too_large" },
      });
    }
  }

  async function readOnly(): Promise<MessageShape<DescMessage>> {
    const iterator = requests[Symbol.asyncIterator]();
    const first = await iterator.next();
    if (first.done) throw new ConnectError("request is missing", Code.Unimplemented);
    const second = await iterator.next();
    if (!second.done) throw new ConnectError("more than one request", Code.Unimplemented);
    return first.value;
  }

  async function sendAll(source: AsyncIterable<MessageInitShape<DescMessage>>): Promise<void> {
    pump = makeMessagePump({ source, credit: sendCredit, send: sendResponse });
    await pump.run();
  }

  async function handle(): Promise<void> {
    switch (spec.kind) {
      case "unary": {
        const response = await spec.impl(await readOnly(), context);
        if (!over) sendResponse(response);
        return;
      }
      case "client_streaming": {
        const response = await spec.impl(requests, context);
        if (!over) sendResponse(response);
        return;
      }
      case "server_streaming": {
        const request = await readOnly();
        if (!over) await sendAll(spec.impl(request, context));
        return;
      }
      case "bidi_streaming":
        await sendAll(spec.impl(requests, context));
    }
  }

  function receiveData(data: Uint8Array): boolean {
    if (halfClosed || !receiveCredit.receive(data.length)) return false;
    let request: MessageShape<DescMessage>;
    try {
      request = fromBinary(method.input, data);
    } catch {
      endWith(new ConnectError("request is malformed", Code.InvalidArgument));
      return true;
    }
    requests.push(request, data.length);
    return true;
  }

  function halfClose(): void {
    halfClosed = true;
    requests.finish();
  }

  return {
    run() {
      if (deadlineMs !== undefined) {
        cancelDeadline = clock.after(timeoutMs, () =>
          endWith(new ConnectError("the operation timed out", Code.DeadlineExceeded)),
        );
      }
      if (start.data && !receiveData(start.data)) return false;
      if (start.halfClose) halfClose();
      if (over) {
        options.onSettled();
        return true;
      }
      handle()
        .then(
          () => endWith(null),
          (error: unknown) => endWith(error ?? new Error("handler threw nothing")),
        )
        .finally(options.onSettled);
      return true;
    },
    accept(body) {
      if (over) return true;
      switch (body.case) {
        case "data":
          return receiveData(body.value);
        case "callEnd":
          if (halfClosed) return false;
          halfClose();
          return true;
        case "callCancel":
          finish(new ConnectError("cancelled by the caller", Code.Canceled));
          return true;
        case "credit":
          return sendCredit.grant(body.value.bytes);
        default:
          return false;
      }
    },
    abort(error) {
      if (!over) finish(error);
    },
  };
}
