import {
  type DeviceKeyPrimitives,
  type DeviceSigner,
  joinBytes,
  type MlDsaKeyPair,
  verifyDeviceSignature,
} from "@leapmux/shared/identity/device-key.ts";
import { devicePublicKeyBytes } from "@leapmux/shared/limits/limits.ts";
import type { Random } from "@leapmux/shared/platform/platform.ts";
import { DeviceError } from "./device-operations.ts";
import type { DeviceKeyStorage, SealedSeed, StoredDeviceKey } from "./stored-device-key.ts";

/**
 * The device key of this browser (protocol §7): read where there is one, made where there is none. What
 * is there and cannot be used is an error, never a reason for a new key: the browser would be a stranger
 * to every worker, and nobody would know why.
 *
 * Only the crypto thread runs this. The Ed25519 half is a key that WebCrypto does not give out, where the
 * browser knows Ed25519; the ML-DSA seed lies sealed by one, and is open in this thread's memory alone.
 */
export interface BrowserDeviceKeyParts {
  readonly storage: DeviceKeyStorage;
  readonly primitives: DeviceKeyPrimitives;
  readonly random: Random;
  readonly subtle: SubtleCrypto;
}

export async function loadBrowserDeviceKey(
  given: Omit<BrowserDeviceKeyParts, "subtle"> & {
    /** Absent on pages that did not come over https or from this machine. */
    readonly subtle: SubtleCrypto | undefined;
  },
): Promise<DeviceSigner> {
  const { subtle } = given;
  if (!subtle) throw new DeviceError("insecure_page");
  const parts = { ...given, subtle };
  let stored: unknown;
  try {
    stored = await parts.storage.get();
    // Made outside of the transaction, which ends at the first wait for anything else.
    stored ??= await parts.storage.addIfAbsent(await makeStoredKey(parts));
  } catch (cause) {
    throw new DeviceError("storage_refused", { cause });
  }
  return openStoredKey(parts, stored);
}

async function makeStoredKey(parts: BrowserDeviceKeyParts): Promise<StoredDeviceKey> {
  const { subtle, random, primitives } = parts;
  const wrappingKey = await subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
    "encrypt",
    "decrypt",
  ]);
  const seed = random(32);
  const pair = primitives.mlDsaKeyPair(seed);
  const mlDsa = await sealSeed(parts, wrappingKey, "ml-dsa", seed);
  const native = await makeNativeEd25519(subtle);
  if (native) {
    const publicKey = joinBytes(native.publicKey, pair.publicKey);
    return { version: 1, publicKey, wrappingKey, ed25519: native.privateKey, mlDsa };
  }
  const privateKey = random(32);
  const publicKey = joinBytes(primitives.ed25519PublicKey(privateKey), pair.publicKey);
  const ed25519 = await sealSeed(parts, wrappingKey, "ed25519", privateKey);
  return { version: 1, publicKey, wrappingKey, ed25519, mlDsa };
}

/** Null in browsers that do not know Ed25519. */
async function makeNativeEd25519(
  subtle: SubtleCrypto,
): Promise<{ privateKey: CryptoKey; publicKey: Uint8Array } | null> {
  try {
    const made = await subtle.generateKey("Ed25519", false, ["sign", "verify"]);
    if (!("privateKey" in made)) return null;
    const publicKey = new Uint8Array(await subtle.exportKey("raw", made.publicKey));
    return { privateKey: made.privateKey, publicKey };
  } catch {
    return null;
  }
}

async function openStoredKey(parts: BrowserDeviceKeyParts, stored: unknown): Promise<DeviceSigner> {
  const damaged = (cause?: unknown) => new DeviceError("key_damaged", { cause });
  if (!isStoredKey(stored)) throw damaged();
  let signer: DeviceSigner;
  try {
    signer = await makeSigner(parts, stored);
    // Halves that do not belong together would sign what nobody accepts.
    const probe = parts.random(32);
    const signature = await signer.sign(probe);
    if (!verifyDeviceSignature(parts.primitives, stored.publicKey, probe, signature)) {
      throw damaged();
    }
  } catch (cause) {
    throw cause instanceof DeviceError ? cause : damaged(cause);
  }
  return signer;
}

async function makeSigner(
  parts: BrowserDeviceKeyParts,
  stored: StoredDeviceKey,
): Promise<DeviceSigner> {
  const { primitives } = parts;
  const seed = await openSeed(parts, stored.wrappingKey, "ml-dsa", stored.mlDsa);
  const pair: MlDsaKeyPair = primitives.mlDsaKeyPair(seed);
  seed.fill(0);
  const signFirst = await makeEd25519(parts, stored);
  return {
    publicKey: stored.publicKey.slice(),
    async sign(message) {
      return joinBytes(await signFirst(message), primitives.mlDsaSign(pair, message));
    },
  };
}

async function makeEd25519(
  parts: BrowserDeviceKeyParts,
  { ed25519, wrappingKey }: StoredDeviceKey,
): Promise<(message: Uint8Array) => Promise<Uint8Array>> {
  if (isSealedSeed(ed25519)) {
    const privateKey = await openSeed(parts, wrappingKey, "ed25519", ed25519);
    return (message) => Promise.resolve(parts.primitives.ed25519Sign(privateKey, message));
  }
  return async (message) =>
    new Uint8Array(await parts.subtle.sign("Ed25519", ed25519, message.slice()));
}

async function sealSeed(
  { subtle, random }: BrowserDeviceKeyParts,
  wrappingKey: CryptoKey,
  use: "ed25519" | "ml-dsa",
  seed: Uint8Array,
): Promise<SealedSeed> {
  const nonce = random(12);
  const sealed = await subtle.encrypt(sealing(nonce, use), wrappingKey, seed.slice());
  return { nonce, sealed: new Uint8Array(sealed) };
}

async function openSeed(
  { subtle }: BrowserDeviceKeyParts,
  wrappingKey: CryptoKey,
  use: "ed25519" | "ml-dsa",
  { nonce, sealed }: SealedSeed,
): Promise<Uint8Array> {
  const opened = await subtle.decrypt(sealing(nonce, use), wrappingKey, sealed.slice());
  if (opened.byteLength !== 32) throw new RangeError("not a seed");
  return new Uint8Array(opened);
}

/** What is sealed as one half does not open as the other. */
function sealing(nonce: Uint8Array, use: "ed25519" | "ml-dsa"): AesGcmParams {
  const additionalData = new TextEncoder().encode(`leapmux device key v1 ${use}`);
  return { name: "AES-GCM", iv: nonce.slice(), additionalData };
}

function isStoredKey(stored: unknown): stored is StoredDeviceKey {
  if (typeof stored !== "object" || stored === null) return false;
  const { version, publicKey, wrappingKey, ed25519, mlDsa } = stored as Record<string, unknown>;
  return (
    version === 1 &&
    publicKey instanceof Uint8Array &&
    publicKey.length === devicePublicKeyBytes &&
    wrappingKey instanceof CryptoKey &&
    !wrappingKey.extractable &&
    (isSealedSeed(ed25519) || (ed25519 instanceof CryptoKey && !ed25519.extractable)) &&
    isSealedSeed(mlDsa)
  );
}

function isSealedSeed(value: unknown): value is SealedSeed {
  if (typeof value !== "object" || value === null) return false;
  const { nonce, sealed } = value as Record<string, unknown>;
  return (
    nonce instanceof Uint8Array &&
    nonce.length === 12 &&
    sealed instanceof Uint8Array &&
    sealed.length === 32 + 16
  );
}
