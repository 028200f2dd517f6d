import { maxIdLength } from "../limits/limits.ts";
import type { EncryptionMode } from "./primitives.ts";

const label = ascii("leapmux-e2ee-v1");

/**
 * What both ends must agree on for the handshake to succeed (protocol §3): a hub that lies about the
 * mode, the worker or the channel makes it fail. `null` for an id that is not ASCII or too long.
 */
export function encodePrologue(
  mode: EncryptionMode,
  workerId: string,
  channelId: string,
): Uint8Array | null {
  if (!isId(workerId) || !isId(channelId)) return null;
  return Uint8Array.of(
    ...label,
    mode === "classic" ? 1 : 2,
    workerId.length,
    ...ascii(workerId),
    channelId.length,
    ...ascii(channelId),
  );
}

function isId(id: string): boolean {
  if (id.length > maxIdLength) return false;
  for (let i = 0; i < id.length; i++) if (id.charCodeAt(i) > 0x7f) return false;
  return true;
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
