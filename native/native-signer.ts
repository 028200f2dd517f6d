import * as crypto from "node:crypto";
import { plainBytes } from "./plain-bytes.ts";

const algorithm = "slh-dsa-shake-256f";

/** Signs on the thread that calls, 0.1 s per signature. */
export type Sign = (message: Uint8Array, context: Uint8Array) => Uint8Array;

/**
 * SLH-DSA by OpenSSL, or `null` where it lacks the algorithm. For threads of their own, never for an event
 * loop. `secretKey`: SK.seed || SK.prf || PK.seed || PK.root (128 bytes, FIPS 205 §9.1).
 */
export function makeNativeSign(secretKey: Uint8Array): Sign | null {
  const key = importNative(secretKey);
  if (!key) return null;
  return (message, context) => plainBytes(crypto.sign(null, message, { key, context }));
}

/** A fresh secret key (128 bytes) in milliseconds, or `null` where OpenSSL lacks the algorithm. */
export function generateSlhDsaKey(): Uint8Array | null {
  try {
    const { privateKey } = crypto.generateKeyPairSync(algorithm);
    return plainBytes(privateKey.export({ format: "raw-private" }));
  } catch {
    return null;
  }
}

function importNative(secretKey: Uint8Array): crypto.KeyObject | null {
  try {
    return crypto.createPrivateKey({
      key: Buffer.from(secretKey.buffer, secretKey.byteOffset, secretKey.length),
      format: "raw-private",
      asymmetricKeyType: algorithm,
    });
  } catch {
    return null;
  }
}
