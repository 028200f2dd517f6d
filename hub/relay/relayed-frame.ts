import type { Frame } from "@leapmux/shared/envelope/frame.ts";

/**
 * A frame on its way through the hub: what routing needs to know, and beside it the bytes as they came.
 * They leave exactly so, which is why nothing is encoded anew for a frame that passes.
 */
export interface RelayedFrame extends Frame {
  /** One entry of an encoded FrameBatch: tag, length and fields. */
  readonly encoded: Uint8Array;
}

/** A frame with memory of its own, so that one that waits long does not hold the whole message it came in. */
export function copyRelayedFrame(frame: RelayedFrame): RelayedFrame {
  // Not `slice`, which of a Buffer gives one more view.
  const encoded = new Uint8Array(frame.encoded);
  const offset = frame.ciphertext.byteOffset - frame.encoded.byteOffset;
  const inside = offset >= 0 && offset + frame.ciphertext.length <= encoded.length;
  return {
    ...frame,
    encoded,
    ciphertext: inside
      ? encoded.subarray(offset, offset + frame.ciphertext.length)
      : frame.ciphertext.slice(),
  };
}
