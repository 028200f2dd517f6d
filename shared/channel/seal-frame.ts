import type { Frame } from "../envelope/frame.ts";
import type { Primitives } from "../noise/primitives.ts";
import type { CipherKey, KeyRefusal } from "./cipher-key.ts";
import { makeFrameHeader } from "./frame-header.ts";

export type SealResult =
  | { readonly ok: true; readonly frame: Frame }
  | { readonly ok: false; readonly reason: KeyRefusal };

/** Seals one chunk of at most `maxChunkBytes`; `open-frame` undoes it. Frames must leave in the order of the calls. */
export type FrameSealer = (correlationId: bigint, flags: number, chunk: Uint8Array) => SealResult;

export function makeFrameSealer(options: {
  readonly primitives: Primitives;
  readonly channelId: string;
  readonly key: CipherKey;
}): FrameSealer {
  const { primitives, channelId, key } = options;
  const header = makeFrameHeader();
  return (correlationId, flags, chunk) => {
    const reason = key.refusal();
    if (reason) return { ok: false, reason };
    header.set(key.nonce, flags, correlationId);
    // Advanced before sealing: whatever happens below, no nonce is used twice.
    key.advance();
    const ciphertext = primitives.seal(key.bytes, header.nonce, header.associatedData, chunk);
    return { ok: true, frame: { channelId, correlationId, flags, ciphertext } };
  };
}
