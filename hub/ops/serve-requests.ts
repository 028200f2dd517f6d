import {
  Code,
  ConnectError,
  createConnectRouter,
  type ConnectRouter,
  type ContextValues,
} from "@connectrpc/connect";
import {
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import { WorkerLinkService } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { constants } from "node:http2";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import type { SourceRules } from "./check-request-source.ts";
import type { HubLog } from "./hub-log.ts";
import type { Request, Response } from "./listen.ts";
import type { HubMetrics } from "./hub-metrics.ts";
import type { LogRefusal } from "./log-refusals.ts";
import { readRequestSource } from "./read-request-source.ts";
import { nameRequest, requestIdHeader, runAs } from "./request-id.ts";
import { mayReadMetrics, sendMetrics, type MetricsAccess } from "./serve-metrics.ts";
import { securityHeaders } from "./security-headers.ts";
import { sendFile, sendText } from "./send-file.ts";
import type { StaticFiles } from "./static-files.ts";

/** A page that the hub answers by itself: it takes GET and, where others' pages lead to it, what they post. */
export interface ServedPage {
  readonly purpose: "call" | "answer";
  serve(request: Request, response: Response): void;
}

/**
 * Every HTTP request, in order: its source (Host, Origin), health, calls, files. Deny by default: what is
 * none of these does not exist.
 */
export function makeRequestHandler(options: {
  readonly rules: SourceRules;
  /** What calls are told of the connection that they came by. */
  readonly contextOf: (request: Request) => ContextValues;
  readonly registerRoutes: (router: ConnectRouter) => void;
  /** Whether what a request says about itself counts. */
  readonly isFromProxy: (request: Request) => boolean;
  readonly metrics: { readonly access: MetricsAccess; readonly source: HubMetrics };
  readonly staticFiles: StaticFiles;
  /** Pages that are no files; null: this address is none of theirs. */
  readonly findPage: (path: string) => ServedPage | null;
  readonly isReady: () => boolean;
  readonly clock: Clock;
  readonly requestTimeoutMs: number;
  readonly log: HubLog;
  readonly logRefusal: LogRefusal;
}): (request: Request, response: Response) => void {
  const {
    rules,
    isFromProxy,
    metrics,
    staticFiles,
    isReady,
    clock,
    requestTimeoutMs,
    log,
    logRefusal,
  } = options;
  const router = createConnectRouter({
    grpcWeb: false,
    acceptCompression: [],
    requireConnectProtocolHeader: true,
    maxTimeoutMs: 24 * 60 * 60_000,
  });
  options.registerRoutes(router);
  const calls = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
  const linkPath = `/${WorkerLinkService.typeName}/${WorkerLinkService.method.link.name}`;

  return (request, response) => {
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    const path = request.url?.split("?", 1)[0] ?? "";
    const call = calls.get(path);
    const page = options.findPage(path);
    watchBody(request, clock, path === linkPath ? null : requestTimeoutMs);
    const given = request.headers[requestIdHeader]?.toString();
    const requestId = nameRequest(given, given !== undefined && isFromProxy(request));
    response.setHeader(requestIdHeader, requestId);

    // 1. Who sent it here?
    const source = readRequestSource(request);
    const checked = rules.check(source, call === undefined ? (page?.purpose ?? "page") : "call");
    if (!checked.ok) {
      logRefusal("request refused by its source", { code: String(checked.status) });
      return sendText(request, response, checked.status, checked.message);
    }
    const host = source.host ?? "";
    for (const [name, value] of Object.entries(securityHeaders(host, rules.linkSchemeOf(host)))) {
      response.setHeader(name, value);
    }

    // 2. Calls.
    if (call !== undefined) {
      const universal = universalRequestFromNodeRequest(
        request,
        response,
        undefined,
        options.contextOf(request),
      );
      runAs(requestId, () => call(universal))
        .then((answer) => universalResponseToNodeResponse(answer, response))
        .catch((error: unknown) => {
          if (ConnectError.from(error).code === Code.Aborted || request.destroyed) return;
          log.failure("answer could not be sent", error, { method: call.method.name });
          response.destroy();
        });
      return;
    }

    // 3. On the way to a provider of identities and back.
    if (page !== null) return page.serve(request, response);

    // 4. Everything else only reads.
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      return sendText(request, response, 405, "Only GET is possible here.");
    }
    if (path === "/healthz") return sendText(request, response, 200, "ok");
    if (path === "/readyz") {
      return isReady()
        ? sendText(request, response, 200, "ok")
        : sendText(request, response, 503, "not ready");
    }
    if (path === "/metrics" && mayReadMetrics(metrics.access, request, host)) {
      sendMetrics(response, metrics.source).catch((error: unknown) => {
        log.failure("metrics could not be sent", error);
        response.destroy();
      });
      return;
    }
    if (path === "/link" || path === "/worker-link") {
      response.setHeader("upgrade", "websocket");
      return sendText(request, response, 426, "This is a WebSocket.");
    }
    const file = staticFiles.find(path);
    if (file === null) return sendText(request, response, 404, "There is nothing here.");
    sendFile(request, response, file);
  };
}

/** Whatever is on its way in either direction. */
export function cutRequest(request: Request): void {
  if ("stream" in request) request.stream.close(constants.NGHTTP2_CANCEL);
  else request.socket.destroy();
}

/** How long a peer may take to end its side once it has the whole answer, ms. */
const lingerMs = 250;

/**
 * What node:http does for HTTP/1 by itself: a body has a deadline, and one that goes on although the answer
 * is out does not hold its stream. A link has its heartbeat instead of a deadline.
 */
function watchBody(request: Request, clock: Clock, timeoutMs: number | null): void {
  if (!("stream" in request)) return;
  const { stream } = request;
  let cancel = (): void => undefined;
  // A link that does not move is its heartbeat's business, which knows when it was us who stood still.
  if (timeoutMs === null) stream.setTimeout(0);
  // One without a body is whole, and its end would be told only to somebody who reads it.
  if (timeoutMs !== null && !stream.endAfterHeaders) {
    cancel = clock.after(timeoutMs, () => stream.close(constants.NGHTTP2_CANCEL));
    request.once("end", () => cancel());
  }
  stream.once("finish", () => {
    cancel();
    // RFC 9113 §8.1. Not at once, because resetting the stream overtakes its trailers.
    cancel = clock.after(lingerMs, () => stream.close(constants.NGHTTP2_NO_ERROR));
  });
  stream.once("close", () => cancel());
}
