/**
 * The cryptographic primitives of protocol §§2, 3 and 6 behind one interface, so that Node may use
 * OpenSSL and browsers noble, and tests can hold one against the other. All lengths in bytes.
 * Functions that meet hostile input answer `null` instead of throwing.
 */
export interface Primitives {
  /** Public key (32) of an X25519 private key (32). */
  x25519PublicKey(privateKey: Uint8Array): Uint8Array;
  /** Shared secret (32); `null` for a public key of wrong length or low order (all-zero result). */
  x25519(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | null;
  /** ChaCha20-Poly1305: ciphertext || tag (16). `nonce` is 12 bytes. */
  seal(
    key: Uint8Array,
    nonce: Uint8Array,
    associatedData: Uint8Array,
    plaintext: Uint8Array,
  ): Uint8Array;
  /** `null` when the tag does not match. */
  open(
    key: Uint8Array,
    nonce: Uint8Array,
    associatedData: Uint8Array,
    ciphertext: Uint8Array,
  ): Uint8Array | null;
  /** BLAKE2b-512 of the concatenation (64). */
  blake2b512(...parts: readonly Uint8Array[]): Uint8Array;
  /** HMAC-BLAKE2b-512 (64). */
  hmacBlake2b512(key: Uint8Array, data: Uint8Array): Uint8Array;
  /** ML-KEM-1024 key pair from d || z (64). Its `secret` is opaque to callers. */
  mlKemKeyPair(seed: Uint8Array): MlKemKeyPair;
  /** `null` for an encapsulation key of wrong length or that fails FIPS 203 §7.2's check. `randomness` is m (32). */
  mlKemEncapsulate(encapsulationKey: Uint8Array, randomness: Uint8Array): MlKemEncapsulation | null;
  /** Shared secret (32), implicit rejection included; `null` for a ciphertext of wrong length. */
  mlKemDecapsulate(pair: MlKemKeyPair, ciphertext: Uint8Array): Uint8Array | null;
  /** SLH-DSA-SHAKE-256f, FIPS 205 §10.3 with `context`. False for anything malformed. */
  slhDsaVerify(
    publicKey: Uint8Array,
    message: Uint8Array,
    context: Uint8Array,
    signature: Uint8Array,
  ): boolean;
}

export interface MlKemKeyPair {
  /** 1568 bytes. */
  readonly encapsulationKey: Uint8Array;
  /** What the implementation needs to decapsulate; never leaves the process. */
  readonly secret: unknown;
  /** Overwrites what can be overwritten. */
  destroy(): void;
}

export interface MlKemEncapsulation {
  readonly ciphertext: Uint8Array;
  readonly sharedSecret: Uint8Array;
}

/** SLH-DSA signing takes 0.1 to 1 s: asynchronous, off the event loop (protocol §3). */
export interface Signer {
  /** 64 bytes. */
  readonly publicKey: Uint8Array;
  /** 49,856 bytes. */
  sign(message: Uint8Array, context: Uint8Array): Promise<Uint8Array>;
}

export type EncryptionMode = "classic" | "post-quantum";
