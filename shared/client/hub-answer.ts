import type {
  DescMessage,
  DescMethodUnary,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import { type CloseReason, parseCloseReason } from "../errors/close-reason.ts";

/**
 * One unary call to the hub, as the client's parts need it: whoever makes it bounds the answer before
 * reading it, because the hub may be hostile, and its errors are values.
 */
export type CallHub = <I extends DescMessage, O extends DescMessage>(
  method: DescMethodUnary<I, O>,
  request: MessageInitShape<I>,
  options: { readonly signal?: AbortSignal | undefined; readonly timeoutMs?: number | undefined },
) => Promise<HubAnswer<MessageShape<O>>>;

export type HubAnswer<Response> = { readonly ok: true; readonly response: Response } | HubRefusal;

export interface HubRefusal {
  readonly ok: false;
  /** Connect's name of the code, such as "not_found". */
  readonly code: string;
  readonly message: string;
  /** ErrorReason, where the hub gave one. */
  readonly reason: string | undefined;
  readonly retryAfterMs: number;
}

/** Why a channel did not open, of an answer that says it by reason or only by code. */
export function closeReasonOf(refusal: HubRefusal): CloseReason {
  if (refusal.reason !== undefined) return parseCloseReason(refusal.reason);
  if (refusal.code === "not_found") return "worker_offline";
  return refusal.code === "internal" ? "protocol_violation" : "link_lost";
}
