import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { RequestReferenceSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import type { HubMetrics } from "../ops/hub-metrics.ts";
import { currentRequestId } from "../ops/request-id.ts";
import { followStream } from "./follow-stream.ts";

/** Outermost: counts each call, and puts the name of the request into its error, for whoever has to quote it. */
export function traceCalls(metrics: HubMetrics | null): Interceptor {
  return (next) => async (request) => {
    const { parent, localName } = request.method;
    const startMs = performance.now();
    const requestId = currentRequestId();
    const count = (code: string): void =>
      metrics?.countCall(parent.typeName, localName, code, (performance.now() - startMs) / 1000);
    const fail = (error: unknown): never => {
      const connectError = ConnectError.from(error, Code.Internal);
      count(Code[connectError.code] ?? "Unknown");
      if (requestId !== "") {
        connectError.details.push({ desc: RequestReferenceSchema, value: { requestId } });
      }
      throw connectError;
    };
    const response = await next(request).catch(fail);
    if (!response.stream) {
      count("ok");
      return response;
    }
    const message = followStream(response.message, request.signal, (end) => {
      if (end.kind === "failed") fail(end.error);
      count(end.kind === "whole" ? "ok" : "Canceled");
    });
    return { ...response, message };
  };
}
