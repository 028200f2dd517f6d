import { EncryptionMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import type { message1Bytes } from "@leapmux/shared/limits/limits.ts";

export type Mode = keyof typeof message1Bytes;

/** Null for what this version does not know: refused, never guessed. */
export function modeOf(mode: EncryptionMode): Mode | null {
  if (mode === EncryptionMode.CLASSIC) return "classic";
  if (mode === EncryptionMode.POST_QUANTUM) return "post-quantum";
  return null;
}

export function encryptionModeOf(mode: Mode): EncryptionMode {
  return mode === "classic" ? EncryptionMode.CLASSIC : EncryptionMode.POST_QUANTUM;
}
