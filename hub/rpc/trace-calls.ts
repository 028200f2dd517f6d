import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { RequestReferenceSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import type { HubMetrics } from "../ops/hub-metrics.ts";
import { currentRequestId } from "../ops/request-id.ts";

/** Outermost: counts each call, and puts the name of the request into its error, for whoever has to quote it. */
export function traceCalls(metrics: HubMetrics | null): Interceptor {
  return (next) => async (request) => {
    const { parent, localName } = request.method;
    const startMs = performance.now();
    let code = "ok";
    try {
      return await next(request);
    } catch (error) {
      const connectError = ConnectError.from(error, Code.Internal);
      code = Code[connectError.code] ?? "Unknown";
      const requestId = currentRequestId();
      if (requestId !== "") {
        connectError.details.push({ desc: RequestReferenceSchema, value: { requestId } });
      }
      throw connectError;
    } finally {
      metrics?.countCall(parent.typeName, localName, code, (performance.now() - startMs) / 1000);
    }
  };
}
