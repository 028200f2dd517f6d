import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { CallEnd, CallEndSchema } from "@leapmux/proto/sealed/v1/message_pb.ts";
import type { CloseReason } from "../errors/close-reason.ts";
import { describeCloseReason } from "../errors/describe-close-reason.ts";
import { reasonHeader } from "./error-reason.ts";
import { decodeHeaders, encodeHeaders } from "./headers.ts";

export type CallEndInit = MessageInitShape<typeof CallEndSchema>;

/** Connect's codes are 1 (canceled) to 16 (unauthenticated). */
const lastCode = 16;

/** An error with a stable reason beside its code. */
export function makeReasonError(code: Code, reason: CloseReason, message?: string): ConnectError {
  return new ConnectError(message ?? describeCloseReason(reason), code, { [reasonHeader]: reason });
}

/** What every open call of a channel ends with when the channel does: an error, never an end (protocol §5.5). */
export function makeClosedError(reason: CloseReason): ConnectError {
  return makeReasonError(Code.Unavailable, reason);
}

/** What a handler threw, for the wire. What is not meant for the caller says `internal` and no more. */
export function encodeCallError(error: unknown): CallEndInit {
  if (!(error instanceof ConnectError)) return { code: Code.Internal, message: "internal error" };
  return {
    code: error.code,
    message: error.rawMessage,
    reason: error.metadata.get(reasonHeader) ?? "",
    trailers: encodeHeaders(error.metadata, reasonHeader),
  };
}

/** The error that a CallEnd carries; `null` for success. */
export function decodeCallError(end: CallEnd): ConnectError | null {
  if (end.code === 0) return null;
  const metadata = decodeHeaders(end.trailers);
  if (end.reason) metadata.set(reasonHeader, end.reason);
  else metadata.delete(reasonHeader);
  const code: Code = end.code <= lastCode ? end.code : Code.Unknown;
  return new ConnectError(end.message, code, metadata);
}
