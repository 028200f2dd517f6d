/**
 * The device key as this browser keeps it (protocol §7). Nothing in it is of use outside of the
 * browser's own storage: CryptoKeys that cannot be exported, and secrets sealed by one of them.
 */
export interface StoredDeviceKey {
  readonly version: 1;
  /** Ed25519 (32 bytes) and ML-DSA-65 (1952 bytes). */
  readonly publicKey: Uint8Array;
  /** AES-256-GCM, not extractable. */
  readonly wrappingKey: CryptoKey;
  /** A key that signs inside the browser where it knows Ed25519; else the seed, 32 bytes, sealed. */
  readonly ed25519: CryptoKey | SealedSeed;
  /** Browsers do not know ML-DSA yet: always the seed, 32 bytes, sealed. */
  readonly mlDsa: SealedSeed;
}

export interface SealedSeed {
  /** 12 bytes. */
  readonly nonce: Uint8Array;
  /** 32 bytes and the tag of 16. */
  readonly sealed: Uint8Array;
}

/** What comes back is what is stored, whatever that is: whoever reads it checks it. */
export interface DeviceKeyStorage {
  /** Undefined where there is none. */
  get(): Promise<unknown>;
  /** In one transaction, so that of pages that race one wins; answers what is stored afterwards. */
  addIfAbsent(made: StoredDeviceKey): Promise<unknown>;
  delete(): Promise<void>;
}
