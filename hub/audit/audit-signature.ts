import { createHash, createPublicKey, verify } from "node:crypto";
import { headToSign } from "./hash-entry.ts";

/** The word of one key that the chain stood at this hash. */
export interface AuditSignature {
  readonly sequence: number;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** False for whatever is no key and no signature. */
export function isSignedBy(given: AuditSignature, hash: Uint8Array): boolean {
  const { publicKey, signature } = given;
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const x = Buffer.from(publicKey).toString("base64url");
  try {
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    return verify(null, headToSign(given.sequence, hash), key, signature);
  } catch {
    return false;
  }
}

/** What an operator notes down: SHA-256 of the public key, in hex. */
export function fingerprintOf(publicKey: Uint8Array): string {
  return createHash("sha256").update(publicKey).digest("hex");
}
