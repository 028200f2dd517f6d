import {
  compositeKeyBytes,
  mlKemPublicKeyBytes,
  slhDsaPublicKeyBytes,
  x25519KeyBytes,
} from "../limits/limits.ts";

/** The three public keys of a worker (protocol §2). */
export interface CompositeKeyParts {
  /** 32 bytes. */
  readonly x25519: Uint8Array;
  /** ML-KEM-1024 encapsulation key, 1568 bytes. */
  readonly mlKem: Uint8Array;
  /** SLH-DSA-SHAKE-256f, 64 bytes. */
  readonly slhDsa: Uint8Array;
}

/** `null` for anything but 1664 bytes. The parts are copies. */
export function splitCompositeKey(compositeKey: Uint8Array): CompositeKeyParts | null {
  if (compositeKey.length !== compositeKeyBytes) return null;
  const slhDsaAt = x25519KeyBytes + mlKemPublicKeyBytes;
  return {
    x25519: compositeKey.slice(0, x25519KeyBytes),
    mlKem: compositeKey.slice(x25519KeyBytes, slhDsaAt),
    slhDsa: compositeKey.slice(slhDsaAt),
  };
}

export function joinCompositeKey(parts: CompositeKeyParts): Uint8Array {
  const { x25519, mlKem, slhDsa } = parts;
  if (
    x25519.length !== x25519KeyBytes ||
    mlKem.length !== mlKemPublicKeyBytes ||
    slhDsa.length !== slhDsaPublicKeyBytes
  ) {
    throw new RangeError("a part of the composite key has the wrong length");
  }
  const compositeKey = new Uint8Array(compositeKeyBytes);
  compositeKey.set(x25519);
  compositeKey.set(mlKem, x25519KeyBytes);
  compositeKey.set(slhDsa, x25519KeyBytes + mlKemPublicKeyBytes);
  return compositeKey;
}
