import type { DescMessage, DescMethodUnary, MessageInitShape } from "@bufbuild/protobuf";
import { ConnectError, Code } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import { ErrorReasonSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import type { CallHub, HubRefusal } from "@leapmux/shared/client/hub-answer.ts";
import { makeTransport } from "../local/hub-calls.ts";

/** As in the browser: lists of grants are the largest answers of an honest hub. */
const maxAnswerBytes = 4 * 1024 * 1024;

/** The hub's control calls for the parts that browser and command line share. Never throws. */
export function makeCallHub(hub: string, loginToken: string | undefined): CallHub {
  const transport = makeTransport(hub, loginToken, maxAnswerBytes);
  return async <I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    { signal, timeoutMs }: { signal?: AbortSignal | undefined; timeoutMs?: number | undefined },
  ) => {
    try {
      const answer = await transport.unary(method, signal, timeoutMs, undefined, request);
      return { ok: true, response: answer.message };
    } catch (error) {
      return refusalOf(error);
    }
  };
}

function refusalOf(error: unknown): HubRefusal {
  const failed = ConnectError.from(error);
  const [detail] = failed.findDetails(ErrorReasonSchema);
  // Without a reason of the hub's it is our own bound on the answer.
  const isTooLarge = failed.code === Code.ResourceExhausted && detail === undefined;
  return {
    ok: false,
    code: codeToString(isTooLarge ? Code.Internal : failed.code),
    message: failed.rawMessage.slice(0, 1000),
    reason: detail?.reason.slice(0, 64),
    retryAfterMs: detail?.retryAfterMs ?? 0,
  };
}
