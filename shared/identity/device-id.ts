import { blake2b } from "@noble/hashes/blake2.js";
import { encodeBase64url } from "./base64url.ts";

/** What a device is filed under: "dev_" and the first 16 bytes of BLAKE2b-256 of its public key, 26 characters. */
export function deviceIdOf(devicePublicKey: Uint8Array): string {
  return `dev_${encodeBase64url(blake2b(devicePublicKey, { dkLen: 32 }).subarray(0, 16))}`;
}

export function isDeviceId(text: string): boolean {
  return /^dev_[\w-]{22}$/.test(text);
}
