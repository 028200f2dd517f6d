import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { ErrorReasonSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";
import type { CallHub, HubRefusal } from "@leapmux/shared/client/hub-answer.ts";

/**
 * One unary Connect call to the hub: a POST of protobuf bytes. That is all that page and crypto thread
 * need of Connect towards the hub; its own browser transport brings JSON for every message along.
 * The answer is hostile: bounded before it is read, and its errors become codes and reasons.
 */
const maxAnswerBytes = 4 * 1024 * 1024;
const defaultTimeoutMs = 20_000;

export function makeCallHub(baseUrl: string, fetchUrl: typeof fetch = fetch): CallHub {
  return async (method, request, options) => {
    const timeoutMs = Math.ceil(options.timeoutMs ?? defaultTimeoutMs);
    const timeout = AbortSignal.timeout(timeoutMs);
    const { signal } = options;
    try {
      const answer = await fetchUrl(`${baseUrl}/${method.parent.typeName}/${method.name}`, {
        method: "POST",
        headers: {
          "content-type": "application/proto",
          "connect-protocol-version": "1",
          "connect-timeout-ms": String(timeoutMs),
        },
        body: toBinary(method.input, create(method.input, request)),
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        redirect: "error",
      });
      const body = await readBounded(answer);
      if (!body) return refuse("internal", "the hub's answer is too large");
      if (!answer.ok) return decodeError(answer.status, body);
      if (answer.headers.get("content-type") !== "application/proto") {
        return refuse("internal", "the hub's answer is not what was asked for");
      }
      return { ok: true, response: fromBinary(method.output, body) };
    } catch (error) {
      if (signal?.aborted) return refuse("canceled", "the call was cancelled");
      if (timeout.aborted) return refuse("deadline_exceeded", "the hub did not answer in time");
      // fetch rejects with a TypeError when there is no way to the hub.
      if (error instanceof TypeError) return refuse("unavailable", "the hub cannot be reached");
      return refuse("internal", "the hub's answer cannot be read");
    }
  };
}

function refuse(code: string, message: string): HubRefusal {
  return { ok: false, code, message, reason: undefined, retryAfterMs: 0 };
}

async function readBounded(answer: Response): Promise<Uint8Array | null> {
  if (!answer.body) return new Uint8Array(0);
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = answer.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > maxAnswerBytes) {
      await reader.cancel();
      return null;
    }
    parts.push(value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Connect's error JSON; the reason is the one detail that we look for. */
function decodeError(status: number, body: Uint8Array): HubRefusal {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(body));
  } catch {
    // Something between us and the hub answered in its place.
  }
  return (
    readRefusal(parsed) ?? refuse("unavailable", `the hub answered with HTTP status ${status}`)
  );
}

/** Undefined where it is no error of Connect's. */
export function readRefusal(parsed: unknown): HubRefusal | undefined {
  if (!isRecord(parsed) || typeof parsed["code"] !== "string") return undefined;
  const message = typeof parsed["message"] === "string" ? parsed["message"].slice(0, 1000) : "";
  const refusal = refuse(parsed["code"], message);
  const details = Array.isArray(parsed["details"]) ? (parsed["details"] as unknown[]) : [];
  for (const detail of details.slice(0, 8)) {
    if (!isRecord(detail) || detail["type"] !== ErrorReasonSchema.typeName) continue;
    if (typeof detail["value"] !== "string") continue;
    const { reason, retryAfterMs } = fromBinary(ErrorReasonSchema, base64Decode(detail["value"]));
    return { ...refusal, reason: reason.slice(0, 64), retryAfterMs };
  }
  return refusal;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
