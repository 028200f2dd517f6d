import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

/** Lower-case hex. */
export function encodeHex(bytes: Uint8Array): string {
  return bytesToHex(bytes);
}

/** `null` for anything but the lower-case hex of exactly `length` bytes. */
export function decodeHex(text: unknown, length: number): Uint8Array | null {
  if (typeof text !== "string" || text.length !== length * 2) return null;
  return /^[0-9a-f]*$/.test(text) ? hexToBytes(text) : null;
}
