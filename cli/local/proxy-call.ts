import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import { makeBoundedStream, TooLargeError } from "./bounded-stream.ts";
import { callerHeaders, type HubDialler } from "./hub-address.ts";

/**
 * One call of the page, passed to the hub with the login of the command line. Each header is chosen, none
 * handed through: of the browser its content type and deadline, of the hub status and content type. What is
 * not the answer of a call, such as a page, a script or a redirect, never reaches the browser; nor does a
 * cookie. Bodies are piped, so that the slower side sets the pace.
 */
export type ProxyCall = (request: IncomingMessage, response: ServerResponse, path: string) => void;

const maxRequestBytes = 1024 * 1024;
/** As much as the page reads (frontend/link/call-hub). */
const maxAnswerBytes = 4 * 1024 * 1024;
/** Longer than any deadline that the page sets. */
const timeoutMs = 120_000;

const messageTypes = new Set(["application/proto", "application/json"]);

export function makeCallProxy(dialler: HubDialler, version: string): ProxyCall {
  return (request, response, path) => {
    const { headers } = request;
    const contentType = headers["content-type"] ?? "";
    if (!messageTypes.has(contentType) || headers["connect-protocol-version"] !== "1") {
      return refuseCall(response, 415, "invalid_argument", "This is no call of the page.");
    }
    const length = headers["content-length"];
    if (Number(length ?? 0) > maxRequestBytes) return refuseTooLarge(response);
    const deadline = headers["connect-timeout-ms"];
    const hasDeadline = typeof deadline === "string" && /^\d{1,10}$/.test(deadline);

    const outgoing = dialler.request(path, {
      method: "POST",
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        ...callerHeaders(dialler.hub, version),
        "content-type": contentType,
        "connect-protocol-version": "1",
        "accept-encoding": "identity",
        ...(hasDeadline ? { "connect-timeout-ms": deadline } : {}),
        ...(length === undefined ? {} : { "content-length": length }),
      },
    });
    const giveUp = (): void => {
      outgoing.destroy();
      if (response.headersSent) response.destroy();
      else refuseCall(response, 502, "unavailable", "The hub cannot be reached.");
    };

    // 1. The browser's body, up to the bound.
    pipeline(request, makeBoundedStream(maxRequestBytes), outgoing, (error) => {
      if (!(error instanceof TooLargeError)) return;
      outgoing.destroy();
      if (!response.headersSent) refuseTooLarge(response);
    });

    // 2. The answer's head, before a byte of it is passed on.
    outgoing.on("response", (answer) => {
      if (response.headersSent) return void outgoing.destroy();
      const type = judgeAnswer(answer, contentType);
      if (type === null) {
        outgoing.destroy();
        return refuseCall(response, 502, "internal", "The hub's answer is none to a call.");
      }
      response.setHeader("content-type", type);
      response.setHeader("cache-control", "no-store");
      const size = answer.headers["content-length"];
      if (size !== undefined) response.setHeader("content-length", size);
      response.writeHead(answer.statusCode ?? 502);
      // 3. Its body; one that is too large or cut short ends in an error for the page.
      pipeline(answer, makeBoundedStream(maxAnswerBytes), response, (error) => {
        if (error) outgoing.destroy();
      });
    });
    // An answer to what was not asked for.
    outgoing.on("upgrade", (_answer, socket) => {
      socket.destroy();
      giveUp();
    });
    outgoing.on("error", giveUp);
    response.on("close", () => outgoing.destroy());
  };
}

/** The content type to pass on, in our own words; null: not an answer to a call. */
function judgeAnswer({ statusCode = 0, headers }: IncomingMessage, asked: string): string | null {
  const type = (headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase();
  const expected = statusCode === 200 ? asked : "application/json";
  const isError = statusCode >= 400 && statusCode < 600;
  if ((statusCode !== 200 && !isError) || type !== expected) return null;
  if ((headers["content-encoding"] ?? "identity") !== "identity") return null;
  if (Number(headers["content-length"] ?? 0) > maxAnswerBytes) return null;
  return expected;
}

function refuseTooLarge(response: ServerResponse): void {
  refuseCall(response, 413, "resource_exhausted", "The request is too large.");
}

/** An error as Connect writes it, so that the page reads it like one of the hub. */
export function refuseCall(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
): void {
  if (response.headersSent || response.destroyed) return;
  const body = JSON.stringify({ code, message });
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    // A body that nobody reads any more.
    connection: "close",
  });
  response.end(body);
}
