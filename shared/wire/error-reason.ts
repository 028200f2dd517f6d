import { ConnectError } from "@connectrpc/connect";
import { ErrorReasonSchema } from "@leapmux/proto/hub/v1/error_reason_pb.ts";

/** Metadata of a ConnectError that holds the stable, machine-readable reason of a call inside a channel. */
export const reasonHeader = "leapmux-reason";

/**
 * The stable reason of a failed call (shared/errors/close-reason.ts, or a service's own), of a call inside
 * a channel and of the hub's control calls alike. `undefined` where there is none.
 */
export function readErrorReason(error: unknown): string | undefined {
  if (!(error instanceof ConnectError)) return undefined;
  return error.metadata.get(reasonHeader) ?? error.findDetails(ErrorReasonSchema)[0]?.reason;
}
