import { varintBytes, writeVarint } from "./decode-batch.ts";
import type { RelayedFrame } from "./relayed-frame.ts";

/** Frames that waited together, as an encoded FrameBatch. One alone is not copied. */
export function encodeBatch(frames: readonly RelayedFrame[]): Uint8Array {
  const [first] = frames;
  if (first !== undefined && frames.length === 1) return first.encoded;
  return join(frames, 0);
}

/** The same inside a ClientLinkDown: field 1 of its body, so tag and length in front. */
export function encodeClientFrames(frames: readonly RelayedFrame[]): Uint8Array {
  let length = 0;
  for (const frame of frames) length += frame.encoded.length;
  const headBytes = 1 + varintBytes(length);
  const message = join(frames, headBytes);
  message[0] = 0x0a;
  writeVarint(message, 1, length);
  return message;
}

function join(frames: readonly RelayedFrame[], headBytes: number): Uint8Array {
  let length = headBytes;
  for (const frame of frames) length += frame.encoded.length;
  const joined = Buffer.allocUnsafe(length);
  let at = headBytes;
  for (const frame of frames) {
    joined.set(frame.encoded, at);
    at += frame.encoded.length;
  }
  return joined;
}
