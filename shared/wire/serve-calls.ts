import type { DescMethod, DescService } from "@bufbuild/protobuf";
import {
  Code,
  type ConnectError,
  type ContextValues,
  createContextValues,
  createServiceImplSpec,
  type MethodImplSpec,
  type ServiceImpl,
} from "@connectrpc/connect";
import type { CallStart } from "@leapmux/proto/sealed/v1/message_pb.ts";
import { maxOpenCalls } from "../limits/limits.ts";
import type { Clock } from "../platform/platform.ts";
import { type CallEndInit, makeClosedError } from "./call-error.ts";
import { decodeMessage } from "./decode-message.ts";
import { encodeMessage } from "./encode-message.ts";
import type { MessagePipe } from "./message-pipe.ts";
import { makeServerCall, type ServerCall } from "./server-call.ts";

/** Where services are registered, as with Connect's router. Methods that are left out are `unimplemented`. */
export interface CallRouter {
  service<S extends DescService>(service: S, implementation: Partial<ServiceImpl<S>>): this;
}

export interface ServeCallsOptions {
  readonly clock: Clock;
  readonly routes: (router: CallRouter) => void;
  /** Made anew for each call: who is calling, for example. */
  readonly contextValues?: () => ContextValues;
  /** Asked before each call is started, with its values; what it answers is the end of that call. */
  readonly admit?: (method: DescMethod, values: ContextValues) => ConnectError | null;
  /** A handler threw what is no ConnectError. The caller heard only `internal`; this is for the log. */
  readonly onHandlerError?: (error: unknown, method: DescMethod) => void;
}

/**
 * Answers the calls of one channel with generated services: the worker's half of `call-transport`.
 * Ends with its pipe, or with `close`, which aborts the handlers and answers no more.
 */
export function serveCalls(pipe: MessagePipe, options: ServeCallsOptions): { close(): void } {
  const { clock, onHandlerError } = options;
  const methods = routeMethods(options.routes);
  const calls = new Map<bigint, ServerCall>();
  /** Handlers that have not returned, those of calls that are over included: they cost as well. */
  let running = 0;
  let lastId = 0n;
  let closed = false;

  function refuse(correlationId: bigint, end: CallEndInit): void {
    pipe.send(correlationId, encodeMessage({ case: "callEnd", value: end }));
  }

  function start(correlationId: bigint, callStart: CallStart): boolean {
    // Ids are fresh and rise (protocol §4): a second start is never taken for a late message.
    if (correlationId <= lastId) return false;
    lastId = correlationId;
    const spec = methods.get(callStart.method);
    if (!spec) {
      refuse(correlationId, { code: Code.Unimplemented, message: "unknown method" });
      return true;
    }
    if (running >= maxOpenCalls) {
      refuse(correlationId, { code: Code.ResourceExhausted, message: "too many calls open" });
      return true;
    }
    const values = options.contextValues?.() ?? createContextValues();
    const refusal = options.admit?.(spec.method, values);
    if (refusal) {
      refuse(correlationId, { code: refusal.code, message: refusal.rawMessage });
      return true;
    }
    const call = makeServerCall({
      pipe,
      clock,
      correlationId,
      spec,
      start: callStart,
      values,
      onHandlerError: (error) => onHandlerError?.(error, spec.method),
      onOver: () => calls.delete(correlationId),
      onSettled: () => (running -= 1),
    });
    running += 1;
    calls.set(correlationId, call);
    return call.run();
  }

  function receive(correlationId: bigint, message: Uint8Array): boolean {
    const decoded = decodeMessage(message);
    if (!decoded.ok) return false;
    if (decoded.body.case === "callStart") return start(correlationId, decoded.body.value);
    const call = calls.get(correlationId);
    // Late messages of a call that is over are nothing; those of one that never was are a violation.
    return call ? call.accept(decoded.body) : correlationId <= lastId;
  }

  function close(error = makeClosedError("closed")): void {
    if (closed) return;
    closed = true;
    for (const call of [...calls.values()]) call.abort(error);
  }

  pipe.onClose((reason) => close(makeClosedError(reason)));
  pipe.onMessage((correlationId, message) => {
    if (closed || receive(correlationId, message)) return;
    pipe.close("protocol_violation");
  });
  return { close: () => close() };
}

function routeMethods(routes: (router: CallRouter) => void): ReadonlyMap<string, MethodImplSpec> {
  const methods = new Map<string, MethodImplSpec>();
  const router: CallRouter = {
    service(service, implementation) {
      const spec = createServiceImplSpec<typeof service>(service, implementation);
      for (const method of Object.values(spec.methods)) {
        methods.set(`${service.typeName}/${method.method.name}`, method);
      }
      return router;
    },
  };
  routes(router);
  return methods;
}
