import type { Fingerprint } from "@leapmux/shared/identity/fingerprint.ts";
import type { EncryptionMode } from "@leapmux/shared/noise/primitives.ts";

/**
 * What a person is asked when the hub reports other keys, or a weaker mode, for a worker than this
 * browser pinned (protocol §§3, 8). `key`: the composite key differs. `mode`: the key is the same,
 * but the hub reports classic for a worker that was post-quantum.
 */
export interface KeyQuestion {
  readonly kind: "key" | "mode";
  readonly workerId: string;
  /** What was pinned. */
  readonly expected: PresentedKey;
  /** What the hub reports now. */
  readonly actual: PresentedKey;
}

export interface PresentedKey {
  readonly fingerprint: Fingerprint;
  readonly mode: EncryptionMode;
}
