import { hkdf } from "./hkdf.ts";
import type { Primitives } from "./primitives.ts";

/** Noise §5.2 with BLAKE2b (HASHLEN 64) and ChaChaPoly: the hash, the chaining key and the key that it yields. */
export interface SymmetricState {
  mixHash(data: Uint8Array): void;
  mixKey(inputKeyMaterial: Uint8Array): void;
  /** Only `ck := HKDF(ck, input)[0]`: the last step of the post-quantum mode (protocol §3.4). */
  mixChainingKey(inputKeyMaterial: Uint8Array): void;
  encryptAndHash(plaintext: Uint8Array): Uint8Array;
  /** `null` when the ciphertext does not authenticate; the state is unusable after that. */
  decryptAndHash(ciphertext: Uint8Array): Uint8Array | null;
  /** The handshake hash `h` as it stands, 64 bytes; a copy. */
  hash(): Uint8Array;
  /** The two transport keys: initiator's first. */
  split(): [Uint8Array, Uint8Array];
  /** Overwrites every secret. */
  destroy(): void;
}

const keyBytes = 32;

export function makeSymmetricState(primitives: Primitives, protocolName: string): SymmetricState {
  const name = new TextEncoder().encode(protocolName);
  let h: Uint8Array = new Uint8Array(64);
  // A name of at most HASHLEN bytes is padded with zeros, a longer one hashed.
  if (name.length <= h.length) h.set(name);
  else h = primitives.blake2b512(name);
  let ck: Uint8Array = h.slice();
  let k: Uint8Array | null = null;
  let n = 0;

  function replaceChainingKey(next: Uint8Array): void {
    ck.fill(0);
    ck = next;
  }

  function mixHash(data: Uint8Array): void {
    h = primitives.blake2b512(h, data);
  }

  return {
    mixHash,

    mixKey(inputKeyMaterial) {
      const [nextChainingKey, temporaryKey] = hkdf(primitives, ck, inputKeyMaterial);
      replaceChainingKey(nextChainingKey);
      k?.fill(0);
      k = temporaryKey.slice(0, keyBytes);
      temporaryKey.fill(0);
      n = 0;
    },

    mixChainingKey(inputKeyMaterial) {
      const [nextChainingKey, unused] = hkdf(primitives, ck, inputKeyMaterial);
      replaceChainingKey(nextChainingKey);
      unused.fill(0);
    },

    encryptAndHash(plaintext) {
      const ciphertext = k ? primitives.seal(k, encodeNonce(n++), h, plaintext) : plaintext.slice();
      mixHash(ciphertext);
      return ciphertext;
    },

    decryptAndHash(ciphertext) {
      const plaintext = k
        ? primitives.open(k, encodeNonce(n++), h, ciphertext)
        : ciphertext.slice();
      if (plaintext) mixHash(ciphertext);
      return plaintext;
    },

    hash: () => h.slice(),

    split() {
      const [first, second] = hkdf(primitives, ck, new Uint8Array(0));
      const keys: [Uint8Array, Uint8Array] = [first.slice(0, keyBytes), second.slice(0, keyBytes)];
      first.fill(0);
      second.fill(0);
      return keys;
    },

    destroy() {
      ck.fill(0);
      k?.fill(0);
      k = null;
    },
  };
}

/** ChaChaPoly's nonce: 32 zero bits, then the counter as 64 bits little-endian (Noise §12.3). */
export function encodeNonce(n: number): Uint8Array {
  const nonce = new Uint8Array(12);
  const view = new DataView(nonce.buffer);
  view.setUint32(4, n >>> 0, true);
  view.setUint32(8, Math.floor(n / 2 ** 32), true);
  return nonce;
}
