import { expandSlhDsaSeed } from "../noise/noble-signer.ts";
import type { MlKemKeyPair, Primitives } from "../noise/primitives.ts";
import type { Random } from "../platform/platform.ts";
import { joinCompositeKey, splitCompositeKey } from "./composite-key.ts";
import { decodeHex, encodeHex } from "./hex.ts";

/**
 * A worker's identity (protocol §2): made once from randomness, stored in its `state.json` as
 * `StoredWorkerSecrets`, ready for use as `WorkerSecrets`. The stored form carries the public half as
 * well, so that a start derives nothing that takes long: SLH-DSA's root costs 17,000 hashes.
 */
export interface WorkerSecrets {
  /** 32 bytes. */
  readonly x25519PrivateKey: Uint8Array;
  /** d || z, 64 bytes. */
  readonly mlKemSeed: Uint8Array;
  readonly mlKemPair: MlKemKeyPair;
  /** SK.seed || SK.prf || PK.seed || PK.root, 128 bytes: what a signer is made from. */
  readonly slhDsaSecretKey: Uint8Array;
  /** 1664 bytes. */
  readonly compositePublicKey: Uint8Array;
}

/** Plain JSON, every value lower-case hex. */
export interface StoredWorkerSecrets {
  readonly x25519Private: string;
  readonly mlKemSeed: string;
  readonly slhDsaSeed: string;
  readonly compositePublic: string;
}

/** The seeds that everything derives from, as in the vectors: 32, 64 and 96 bytes. */
export interface WorkerSeeds {
  readonly x25519PrivateKey: Uint8Array;
  readonly mlKemSeed: Uint8Array;
  readonly slhDsaSeed: Uint8Array;
}

/**
 * A new identity. `slhDsaSecretKey` (128 bytes) may come from a native generator that takes milliseconds;
 * without it noble derives one from `random` in about 0.1 s.
 */
export function generateWorkerSecrets(
  primitives: Primitives,
  random: Random,
  slhDsaSecretKey?: Uint8Array | null,
): WorkerSecrets {
  const secretKey = slhDsaSecretKey ?? expandSlhDsaSeed(random(96));
  return assemble(primitives, random(32), random(64), secretKey);
}

export function deriveWorkerSecrets(primitives: Primitives, seeds: WorkerSeeds): WorkerSecrets {
  const secretKey = expandSlhDsaSeed(seeds.slhDsaSeed);
  return assemble(primitives, seeds.x25519PrivateKey, seeds.mlKemSeed, secretKey);
}

export function encodeWorkerSecrets(secrets: WorkerSecrets): StoredWorkerSecrets {
  return {
    x25519Private: encodeHex(secrets.x25519PrivateKey),
    mlKemSeed: encodeHex(secrets.mlKemSeed),
    slhDsaSeed: encodeHex(secrets.slhDsaSecretKey.subarray(0, 96)),
    compositePublic: encodeHex(secrets.compositePublicKey),
  };
}

/** `null` for anything that `encodeWorkerSecrets` did not make, down to a public key that is another's. */
export function decodeWorkerSecrets(primitives: Primitives, stored: unknown): WorkerSecrets | null {
  if (typeof stored !== "object" || stored === null) return null;
  const { x25519Private, mlKemSeed, slhDsaSeed, compositePublic } = stored as Partial<
    Record<keyof StoredWorkerSecrets, unknown>
  >;
  const privateKey = decodeHex(x25519Private, 32);
  const kemSeed = decodeHex(mlKemSeed, 64);
  const dsaSeed = decodeHex(slhDsaSeed, 96);
  const compositeKey = decodeHex(compositePublic, 1664);
  if (!privateKey || !kemSeed || !dsaSeed || !compositeKey) return null;

  const slhDsaKey = splitCompositeKey(compositeKey)?.slhDsa;
  if (!slhDsaKey) return null;
  const secretKey = new Uint8Array(128);
  secretKey.set(dsaSeed);
  secretKey.set(slhDsaKey.subarray(32), 96);
  const secrets = assemble(primitives, privateKey, kemSeed, secretKey);
  return encodeHex(secrets.compositePublicKey) === compositePublic ? secrets : null;
}

function assemble(
  primitives: Primitives,
  x25519PrivateKey: Uint8Array,
  mlKemSeed: Uint8Array,
  slhDsaSecretKey: Uint8Array,
): WorkerSecrets {
  const mlKemPair = primitives.mlKemKeyPair(mlKemSeed);
  const compositePublicKey = joinCompositeKey({
    x25519: primitives.x25519PublicKey(x25519PrivateKey),
    mlKem: mlKemPair.encapsulationKey,
    slhDsa: slhDsaSecretKey.slice(64),
  });
  return { x25519PrivateKey, mlKemSeed, mlKemPair, slhDsaSecretKey, compositePublicKey };
}
