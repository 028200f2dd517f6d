import { type CloseReason, parseCloseReason } from "../errors/close-reason.ts";
import { flagClose, type Frame } from "./frame.ts";

/** Says in clear that a channel is over. Anybody on the way can write one: it closes and never ends a stream. */
export function encodeCloseFrame(channelId: string, reason: CloseReason): Frame {
  return {
    channelId,
    correlationId: 0n,
    flags: flagClose,
    ciphertext: new TextEncoder().encode(reason),
  };
}

/** The reason of a close frame; what is not known is a `protocol_violation`. */
export function decodeCloseFrame(frame: Frame): CloseReason {
  return parseCloseReason(new TextDecoder().decode(frame.ciphertext.subarray(0, 64)));
}
