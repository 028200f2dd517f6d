import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { blake2b } from "@noble/hashes/blake2.js";
import { hmac } from "@noble/hashes/hmac.js";
import { ml_kem1024 } from "@noble/post-quantum/ml-kem.js";
import { slh_dsa_shake_256f } from "@noble/post-quantum/slh-dsa.js";
import {
  mlKemCiphertextBytes,
  slhDsaPublicKeyBytes,
  slhDsaSignatureBytes,
  tagBytes,
  x25519KeyBytes,
} from "../limits/limits.ts";
import { encapsulateWithNoble } from "./noble-ml-kem.ts";
import { nobleX25519 } from "./noble-x25519.ts";
import type { MlKemKeyPair, Primitives } from "./primitives.ts";

/**
 * The primitives in plain JavaScript: what browsers use, and what Node's native ones are held against.
 * noble throws on malformed input; lengths are checked here first, so that the only throws which are
 * caught below are the ones that hostile bytes of right length can cause.
 */
export const noblePrimitives: Primitives = {
  x25519PublicKey: (privateKey) => nobleX25519.getPublicKey(privateKey),

  x25519(privateKey, publicKey) {
    if (publicKey.length !== x25519KeyBytes) return null;
    try {
      // Throws when the result is all zero: a public key of low order (RFC 7748 §6.1).
      return nobleX25519.getSharedSecret(privateKey, publicKey);
    } catch {
      return null;
    }
  },

  seal: (key, nonce, associatedData, plaintext) =>
    chacha20poly1305(key, nonce, associatedData).encrypt(plaintext),

  open(key, nonce, associatedData, ciphertext) {
    if (ciphertext.length < tagBytes) return null;
    try {
      return chacha20poly1305(key, nonce, associatedData).decrypt(ciphertext);
    } catch {
      return null;
    }
  },

  blake2b512(...parts) {
    const hash = blake2b.create({ dkLen: 64 });
    for (const part of parts) hash.update(part);
    return hash.digest();
  },

  hmacBlake2b512: (key, data) => hmac(blake2b, key, data),

  mlKemKeyPair(seed) {
    const { publicKey, secretKey } = ml_kem1024.keygen(seed);
    return new NobleMlKemKeyPair(publicKey, secretKey);
  },

  mlKemEncapsulate: encapsulateWithNoble,

  mlKemDecapsulate(pair, ciphertext) {
    if (ciphertext.length !== mlKemCiphertextBytes) return null;
    if (!(pair instanceof NobleMlKemKeyPair)) throw new TypeError("key pair of another kind");
    return ml_kem1024.decapsulate(ciphertext, pair.secret);
  },

  slhDsaVerify(publicKey, message, context, signature) {
    if (publicKey.length !== slhDsaPublicKeyBytes) return false;
    if (signature.length !== slhDsaSignatureBytes) return false;
    try {
      return slh_dsa_shake_256f.verify(signature, message, publicKey, { context });
    } catch {
      return false;
    }
  },
};

class NobleMlKemKeyPair implements MlKemKeyPair {
  readonly encapsulationKey: Uint8Array;
  readonly secret: Uint8Array;

  constructor(encapsulationKey: Uint8Array, secret: Uint8Array) {
    this.encapsulationKey = encapsulationKey;
    this.secret = secret;
  }

  destroy(): void {
    this.secret.fill(0);
  }
}
