import { ml_kem1024 } from "@noble/post-quantum/ml-kem.js";
import { mlKemPublicKeyBytes } from "../limits/limits.ts";
import type { MlKemEncapsulation } from "./primitives.ts";

/** `Primitives.mlKemEncapsulate`, apart from the rest of noble because the native primitives need it too. */
export function encapsulateWithNoble(
  encapsulationKey: Uint8Array,
  randomness: Uint8Array,
): MlKemEncapsulation | null {
  if (encapsulationKey.length !== mlKemPublicKeyBytes) return null;
  try {
    const { cipherText, sharedSecret } = ml_kem1024.encapsulate(encapsulationKey, randomness);
    return { ciphertext: cipherText, sharedSecret };
  } catch {
    // FIPS 203 §7.2, modulus check.
    return null;
  }
}
