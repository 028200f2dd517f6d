import {
  create,
  type DescMessage,
  type DescMethodUnary,
  type MessageInitShape,
} from "@bufbuild/protobuf";
import { Code, ConnectError, type Transport, type UnaryResponse } from "@connectrpc/connect";
import { codeFromString } from "@connectrpc/connect/protocol-connect";
import { ErrorReasonSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import type { CallHub, HubRefusal } from "@leapmux/shared/client/hub-answer.ts";

/** The hub's control calls as a Connect transport, so that generated clients run on it. Unary only. */
export function makeHubTransport(callHub: CallHub): Transport {
  return {
    async unary<I extends DescMessage, O extends DescMessage>(
      method: DescMethodUnary<I, O>,
      signal: AbortSignal | undefined,
      timeoutMs: number | undefined,
      _header: unknown,
      input: MessageInitShape<I>,
    ): Promise<UnaryResponse<I, O>> {
      const answer = await callHub(method, input, { signal, timeoutMs });
      if (!answer.ok) throw makeRefusalError(answer);
      const header = new Headers();
      const trailer = new Headers();
      const service = method.parent;
      return { stream: false, service, method, header, message: answer.response, trailer };
    },
    stream() {
      return Promise.reject(new ConnectError("the hub has no streams here", Code.Unimplemented));
    },
  };
}

/** A refusal as the generated clients throw it. */
export function makeRefusalError(refusal: Omit<HubRefusal, "ok">): ConnectError {
  const { message, code, reason, retryAfterMs } = refusal;
  const details =
    reason === undefined
      ? []
      : [{ desc: ErrorReasonSchema, value: create(ErrorReasonSchema, { reason, retryAfterMs }) }];
  return new ConnectError(message, codeFromString(code) ?? Code.Unknown, {}, details);
}
