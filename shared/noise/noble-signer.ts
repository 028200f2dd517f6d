import { slh_dsa_shake_256f } from "@noble/post-quantum/slh-dsa.js";
import type { Random } from "../platform/platform.ts";
import type { Signer } from "./primitives.ts";

/**
 * SLH-DSA-SHAKE-256f in plain JavaScript, about 1 s per signature on the thread that calls: for tests,
 * vectors and worker threads, never for an event loop. Without `random` signing is deterministic
 * (FIPS 205 §10.2.1 with opt_rand = PK.seed), as the vectors want it.
 *
 * `key` is SK.seed || SK.prf || PK.seed (96 bytes) or the same with PK.root behind it (128 bytes).
 */
export function makeNobleSigner(key: Uint8Array, random?: Random): Signer {
  const secretKey = key.length === 96 ? expandSlhDsaSeed(key) : key.slice();
  return {
    publicKey: secretKey.slice(64),
    async sign(message, context) {
      const extraEntropy = random ? random(32) : false;
      return slh_dsa_shake_256f.sign(message, secretKey, { context, extraEntropy });
    },
  };
}

/** SK.seed || SK.prf || PK.seed || PK.root (128 bytes) from the first three (96); about 0.1 s. */
export function expandSlhDsaSeed(seed: Uint8Array): Uint8Array {
  return slh_dsa_shake_256f.keygen(seed).secretKey;
}
