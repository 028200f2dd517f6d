import type { Frame } from "../envelope/frame.ts";
import type { Primitives } from "../noise/primitives.ts";
import type { CipherKey, KeyRefusal } from "./cipher-key.ts";
import { makeFrameHeader } from "./frame-header.ts";

export type OpenResult =
  | { readonly ok: true; readonly chunk: Uint8Array }
  | { readonly ok: false; readonly reason: KeyRefusal | "decrypt_failed" };

/** Opens one frame; they must come in the order in which they were sealed. The first failure is for ever. */
export type FrameOpener = (frame: Frame) => OpenResult;

export function makeFrameOpener(options: {
  readonly primitives: Primitives;
  readonly key: CipherKey;
}): FrameOpener {
  const { primitives, key } = options;
  const header = makeFrameHeader();
  let failed = false;
  return (frame) => {
    if (failed) return { ok: false, reason: "decrypt_failed" };
    const reason = key.refusal();
    if (reason) return { ok: false, reason };
    header.set(key.nonce, frame.flags, frame.correlationId);
    const chunk = primitives.open(key.bytes, header.nonce, header.associatedData, frame.ciphertext);
    if (!chunk) {
      failed = true;
      key.destroy();
      return { ok: false, reason: "decrypt_failed" };
    }
    key.advance();
    return { ok: true, chunk };
  };
}
