import { maxCiphertextBytes, tagBytes } from "../limits/limits.ts";
import { flagClose, flagLast, flagMore, type Frame } from "./frame.ts";

export type ChunkOrderResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: "interleaved_chunks" | "message_too_large" | "protocol_violation";
    };

export interface ChunkOrderCheck {
  /** After the first refusal everything is refused with the same reason. */
  accept(frame: Frame): ChunkOrderResult;
}

const accepted: ChunkOrderResult = { ok: true };

/** A close frame carries one reason in ASCII, not an essay. */
const maxCloseReasonBytes = 64;

/**
 * The rules of protocol §4 that need no key: known flags, frame sizes, one message in flight, its size.
 * One check per channel and direction, at the hub and, before any decryption, at both ends.
 */
export function makeChunkOrderCheck(options: {
  readonly maxMessageBytes: number;
}): ChunkOrderCheck {
  const { maxMessageBytes } = options;
  let inFlight = false;
  let correlationId = 0n;
  let messageBytes = 0;
  let refusal: ChunkOrderResult | null = null;

  function refuse(reason: (ChunkOrderResult & { ok: false })["reason"]): ChunkOrderResult {
    refusal = { ok: false, reason };
    return refusal;
  }

  return {
    accept(frame) {
      if (refusal) return refusal;
      const { flags, ciphertext } = frame;
      if (flags === flagClose) {
        return ciphertext.length > maxCloseReasonBytes ? refuse("protocol_violation") : accepted;
      }
      if (flags !== flagLast && flags !== flagMore) return refuse("protocol_violation");
      if (ciphertext.length < tagBytes) return refuse("protocol_violation");
      if (ciphertext.length > maxCiphertextBytes) return refuse("message_too_large");

      if (inFlight && frame.correlationId !== correlationId) return refuse("interleaved_chunks");
      messageBytes += ciphertext.length - tagBytes;
      if (messageBytes > maxMessageBytes) return refuse("message_too_large");

      inFlight = flags === flagMore;
      correlationId = frame.correlationId;
      if (!inFlight) messageBytes = 0;
      return accepted;
    },
  };
}
