import { flagMore } from "../envelope/frame.ts";

export interface MessageJoiner {
  /** The whole message once its last chunk is here. Order and sizes were checked before (check-chunk-order). */
  accept(flags: number, chunk: Uint8Array): Uint8Array | null;
}

/** Undoes `splitMessage`. A message of one chunk, by far the most, is passed on without a copy. */
export function makeMessageJoiner(): MessageJoiner {
  let chunks: Uint8Array[] = [];
  let length = 0;
  return {
    accept(flags, chunk) {
      if (flags === flagMore) {
        // Empty chunks are allowed and not worth keeping.
        if (chunk.length > 0) chunks.push(chunk);
        length += chunk.length;
        return null;
      }
      if (chunks.length === 0) return chunk;
      const message = new Uint8Array(length + chunk.length);
      let end = 0;
      for (const part of chunks) {
        message.set(part, end);
        end += part.length;
      }
      message.set(chunk, end);
      chunks = [];
      length = 0;
      return message;
    },
  };
}
