import { flagLast, flagMore } from "../envelope/frame.ts";
import { maxChunkBytes } from "../limits/limits.ts";

/**
 * Cuts a message into chunks (protocol §4) without copying. An empty message is one empty chunk.
 * Stops where `send` answers false and then answers false itself.
 */
export function splitMessage(
  message: Uint8Array,
  send: (flags: number, chunk: Uint8Array) => boolean,
): boolean {
  let start = 0;
  while (message.length - start > maxChunkBytes) {
    if (!send(flagMore, message.subarray(start, start + maxChunkBytes))) return false;
    start += maxChunkBytes;
  }
  return send(flagLast, start === 0 ? message : message.subarray(start));
}
