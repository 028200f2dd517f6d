import type { Frame as WireFrame } from "@leapmux/proto/hub/v1/frame_pb.ts";
import type { Frame } from "@leapmux/shared/envelope/frame.ts";
import { maxCiphertextBytes, maxIdLength } from "@leapmux/shared/limits/limits.ts";

/**
 * A frame as it came off the link: still sealed, and no larger than one may be. What it opens to, and whether it
 * may stand here at all, is for the channel that it names. `null`: the hub sent what no hub relays.
 */
export function receiveFrame(wireFrame: WireFrame): Frame | null {
  const { channelId, ciphertext } = wireFrame;
  if (channelId.length > maxIdLength || ciphertext.length > maxCiphertextBytes) return null;
  return wireFrame;
}
