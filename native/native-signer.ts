import * as crypto from "node:crypto";
import { expandSlhDsaSeed } from "@leapmux/shared/noise/noble-signer.ts";
import type { Signer } from "@leapmux/shared/noise/primitives.ts";
import { plainBytes } from "./plain-bytes.ts";

const algorithm = "slh-dsa-shake-256f";

/**
 * SLH-DSA for a worker (protocol §3: 0.1 s per signature, so never on the event loop). OpenSSL signs on
 * the thread pool; a Node whose OpenSSL lacks the algorithm gets noble in a thread of its own, ten
 * times slower. How many signatures run at once is the caller's to bound: the pool has four threads,
 * and file system and DNS share it.
 *
 * `key` is `WorkerSecrets.slhDsaSecretKey` (128 bytes). A bare seed (96 bytes) works too and costs 0.1 s more.
 */
export async function makeSigner(key: Uint8Array): Promise<Signer> {
  if (key.length !== 96 && key.length !== 128) throw new RangeError("not an SLH-DSA secret key");
  const secretKey = key.length === 96 ? expandSlhDsaSeed(key) : key;
  const privateKey = importNative(secretKey);
  if (privateKey) return makeNativeSigner(privateKey, secretKey.slice(64));
  const { makeThreadSigner } = await import("./thread-signer.ts");
  return makeThreadSigner(secretKey);
}

/** A fresh secret key (128 bytes) in milliseconds, or `null` where OpenSSL lacks the algorithm. */
export function generateSlhDsaKey(): Uint8Array | null {
  try {
    const { privateKey } = crypto.generateKeyPairSync(algorithm);
    return plainBytes(privateKey.export({ format: "raw-private" }));
  } catch {
    return null;
  }
}

function makeNativeSigner(privateKey: crypto.KeyObject, publicKey: Uint8Array): Signer {
  return {
    publicKey,
    sign: (message, context) =>
      new Promise((resolve, reject) => {
        crypto.sign(null, message, { key: privateKey, context }, (error, signature) => {
          if (error) reject(error);
          else resolve(plainBytes(signature));
        });
      }),
  };
}

function importNative(secretKey: Uint8Array): crypto.KeyObject | null {
  try {
    return crypto.createPrivateKey({
      key: Buffer.from(secretKey.buffer, secretKey.byteOffset, secretKey.length),
      format: "raw-private",
      asymmetricKeyType: algorithm,
    });
  } catch {
    return null;
  }
}
