import type { CloseReason } from "../errors/close-reason.ts";
import { hardNonceLimit, maxKeyAgeMs } from "../limits/limits.ts";
import type { Clock } from "../platform/platform.ts";

export interface CipherKeyOptions {
  /** 32 bytes; overwritten with zeros once it is no longer needed. */
  readonly key: Uint8Array;
  readonly clock: Clock;
  /** For tests of the nonce limits only. */
  readonly firstNonce?: number;
}

/** Why a key may not be used again. */
export type KeyRefusal = Extract<CloseReason, "nonce_exhausted" | "key_too_old" | "closed">;

/** The key of one direction with its counter and its age (protocol §4, §6). */
export interface CipherKey {
  /** The present key; callers derive the next one from it and must not keep it. */
  readonly bytes: Uint8Array;
  /** Frames under this key so far; the next frame's nonce. */
  readonly nonce: number;
  ageMs(): number;
  /** `null` where the key may be used for one more frame. */
  refusal(): KeyRefusal | null;
  /** After each frame that was sealed or that opened. */
  advance(): void;
  /** Goes over to the next key: nonce 0, age 0, the old one zeroed. */
  switchTo(key: Uint8Array): void;
  destroy(): void;
}

export function makeCipherKey(options: CipherKeyOptions): CipherKey {
  const { clock } = options;
  let bytes = options.key;
  let nonce = options.firstNonce ?? 0;
  let sinceMs = clock.now();
  let destroyed = false;

  return {
    get bytes() {
      return bytes;
    },
    get nonce() {
      return nonce;
    },
    ageMs: () => clock.now() - sinceMs,
    refusal() {
      if (destroyed) return "closed";
      if (nonce >= hardNonceLimit) return "nonce_exhausted";
      return clock.now() - sinceMs >= maxKeyAgeMs ? "key_too_old" : null;
    },
    advance() {
      nonce += 1;
    },
    switchTo(key) {
      bytes.fill(0);
      bytes = key;
      nonce = 0;
      sinceMs = clock.now();
    },
    destroy() {
      destroyed = true;
      bytes.fill(0);
    },
  };
}
