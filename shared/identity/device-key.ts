import {
  devicePublicKeyBytes,
  deviceSignatureBytes,
  ed25519PublicKeyBytes,
  ed25519SignatureBytes,
} from "../limits/limits.ts";
import type { Random } from "../platform/platform.ts";

/**
 * The two signature schemes of device keys (protocol §7) behind one interface: noble in browsers, OpenSSL in
 * Node, each held against the other. Functions that meet hostile input answer false instead of throwing.
 * All lengths in bytes.
 */
export interface DeviceKeyPrimitives {
  /** Public key (32) of an Ed25519 private key (32). */
  ed25519PublicKey(privateKey: Uint8Array): Uint8Array;
  /** 64. */
  ed25519Sign(privateKey: Uint8Array, message: Uint8Array): Uint8Array;
  /** RFC 8032, canonical encodings only. */
  ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** From ξ (32), FIPS 204 §6.1. Its `secret` is opaque to callers. */
  mlDsaKeyPair(seed: Uint8Array): MlDsaKeyPair;
  /** 3309; empty context. */
  mlDsaSign(pair: MlDsaKeyPair, message: Uint8Array): Uint8Array;
  mlDsaVerify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

export interface MlDsaKeyPair {
  /** 1952 bytes. */
  readonly publicKey: Uint8Array;
  readonly secret: unknown;
}

/** What an installation keeps to itself. Platforms that protect keys better make their own `DeviceSigner`. */
export interface DeviceSecrets {
  /** 32 bytes. */
  readonly ed25519PrivateKey: Uint8Array;
  /** ξ, 32 bytes. */
  readonly mlDsaSeed: Uint8Array;
}

/** Signs as one device. Asynchronous because browsers keep the key where only WebCrypto reaches it. */
export interface DeviceSigner {
  /** Ed25519 (32) || ML-DSA-65 (1952). */
  readonly publicKey: Uint8Array;
  /** Ed25519 (64) || ML-DSA-65 (3309). */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

export function generateDeviceSecrets(random: Random): DeviceSecrets {
  return { ed25519PrivateKey: random(32), mlDsaSeed: random(32) };
}

export function makeDeviceSigner(
  primitives: DeviceKeyPrimitives,
  secrets: DeviceSecrets,
): DeviceSigner {
  const { ed25519PrivateKey } = secrets;
  const pair = primitives.mlDsaKeyPair(secrets.mlDsaSeed);
  return {
    publicKey: joinBytes(primitives.ed25519PublicKey(ed25519PrivateKey), pair.publicKey),
    async sign(message) {
      const first = primitives.ed25519Sign(ed25519PrivateKey, message);
      return joinBytes(first, primitives.mlDsaSign(pair, message));
    },
  };
}

/** Both must verify; any other length is refused before any cryptography. */
export function verifyDeviceSignature(
  primitives: DeviceKeyPrimitives,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (publicKey.length !== devicePublicKeyBytes) return false;
  if (signature.length !== deviceSignatureBytes) return false;
  return (
    primitives.ed25519Verify(
      publicKey.subarray(0, ed25519PublicKeyBytes),
      message,
      signature.subarray(0, ed25519SignatureBytes),
    ) &&
    primitives.mlDsaVerify(
      publicKey.subarray(ed25519PublicKeyBytes),
      message,
      signature.subarray(ed25519SignatureBytes),
    )
  );
}

export function joinBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
