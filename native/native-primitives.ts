import * as crypto from "node:crypto";
import {
  mlKemCiphertextBytes,
  slhDsaPublicKeyBytes,
  slhDsaSignatureBytes,
  tagBytes,
  x25519KeyBytes,
} from "@leapmux/shared/limits/limits.ts";
import { encapsulateWithNoble } from "@leapmux/shared/noise/noble-ml-kem.ts";
import type { MlKemKeyPair, Primitives } from "@leapmux/shared/noise/primitives.ts";
import { plainBytes } from "./plain-bytes.ts";

/**
 * The primitives over OpenSSL, held against noble's by the tests beside this file. Only encapsulation is
 * noble's: Node offers none with given randomness, and a client does one per channel (0.6 ms).
 * Sealing and opening are faster here at every size, also at a keystroke's (200 bytes: 4 against 7 µs),
 * so nothing chooses by size.
 */
export const nativePrimitives: Primitives = {
  x25519PublicKey: (privateKey) => exportPublic(importX25519Private(privateKey)),

  x25519(privateKey, publicKey) {
    if (publicKey.length !== x25519KeyBytes) return null;
    try {
      // OpenSSL refuses an all-zero result: a public key of low order (RFC 7748 §6.1).
      const shared = crypto.diffieHellman({
        privateKey: importX25519Private(privateKey),
        publicKey: importPublic("x25519", publicKey),
      });
      return plainBytes(shared);
    } catch {
      return null;
    }
  },

  seal(key, nonce, associatedData, plaintext) {
    const plaintextLength = plaintext.length;
    const cipher = crypto.createCipheriv(aead, key, nonce, aeadOptions);
    cipher.setAAD(associatedData, { plaintextLength });
    const sealed = plainBytes(Buffer.allocUnsafeSlow(plaintextLength + tagBytes));
    sealed.set(cipher.update(plaintext));
    cipher.final();
    sealed.set(cipher.getAuthTag(), plaintextLength);
    return sealed;
  },

  open(key, nonce, associatedData, ciphertext) {
    const plaintextLength = ciphertext.length - tagBytes;
    if (plaintextLength < 0) return null;
    const decipher = crypto.createDecipheriv(aead, key, nonce, aeadOptions);
    decipher.setAAD(associatedData, { plaintextLength });
    decipher.setAuthTag(ciphertext.subarray(plaintextLength));
    const plaintext = decipher.update(ciphertext.subarray(0, plaintextLength));
    try {
      decipher.final();
      return plainBytes(plaintext);
    } catch {
      plaintext.fill(0);
      return null;
    }
  },

  blake2b512(...parts) {
    const hash = crypto.createHash(blake2b);
    for (const part of parts) hash.update(part);
    return plainBytes(hash.digest());
  },

  hmacBlake2b512: (key, data) => plainBytes(crypto.createHmac(blake2b, key).update(data).digest()),

  mlKemKeyPair(seed) {
    const privateKey = crypto.createPrivateKey({
      key: Buffer.from(seed.buffer, seed.byteOffset, seed.length),
      format: "raw-seed",
      asymmetricKeyType: mlKem,
    });
    return new NativeMlKemKeyPair(exportPublic(privateKey), privateKey);
  },

  mlKemEncapsulate: encapsulateWithNoble,

  mlKemDecapsulate(pair, ciphertext) {
    if (ciphertext.length !== mlKemCiphertextBytes) return null;
    if (!(pair instanceof NativeMlKemKeyPair)) throw new TypeError("key pair of another kind");
    return plainBytes(crypto.decapsulate(pair.secret, ciphertext));
  },

  slhDsaVerify(publicKey, message, context, signature) {
    if (publicKey.length !== slhDsaPublicKeyBytes) return false;
    if (signature.length !== slhDsaSignatureBytes) return false;
    try {
      const key = importPublic("slh-dsa-shake-256f", publicKey);
      return crypto.verify(null, message, { key, context }, signature);
    } catch {
      return false;
    }
  },
};

const aead = "chacha20-poly1305";
const aeadOptions = { authTagLength: tagBytes };
const blake2b = "blake2b512";
const mlKem = "ml-kem-1024";

class NativeMlKemKeyPair implements MlKemKeyPair {
  readonly encapsulationKey: Uint8Array;
  #secret: crypto.KeyObject | null;

  constructor(encapsulationKey: Uint8Array, secret: crypto.KeyObject) {
    this.encapsulationKey = encapsulationKey;
    this.#secret = secret;
  }

  get secret(): crypto.KeyObject {
    if (!this.#secret) throw new TypeError("key pair was destroyed");
    return this.#secret;
  }

  /** OpenSSL clears the key when the last handle is collected. */
  destroy(): void {
    this.#secret = null;
  }
}

function importX25519Private(privateKey: Uint8Array): crypto.KeyObject {
  return crypto.createPrivateKey({
    key: Buffer.from(privateKey.buffer, privateKey.byteOffset, privateKey.length),
    format: "raw-private",
    asymmetricKeyType: "x25519",
  });
}

function importPublic(
  asymmetricKeyType: "x25519" | "slh-dsa-shake-256f",
  publicKey: Uint8Array,
): crypto.KeyObject {
  return crypto.createPublicKey({
    key: Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.length),
    format: "raw-public",
    asymmetricKeyType,
  });
}

function exportPublic(privateKey: crypto.KeyObject): Uint8Array {
  return plainBytes(crypto.createPublicKey(privateKey).export({ format: "raw-public" }));
}
