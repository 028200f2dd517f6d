import { mlKemPublicKeyBytes, x25519KeyBytes } from "../limits/limits.ts";
import type { Random } from "../platform/platform.ts";
import { hkdf } from "./hkdf.ts";
import type { EncryptionMode, MlKemKeyPair, Primitives } from "./primitives.ts";

/**
 * The arithmetic of protocol §6, bytes in and out. Which message carries them and when each direction
 * switches is the channel's. `kemEk` and `kemCt` are empty in classic mode.
 */
export interface StartedRekey {
  readonly ePub: Uint8Array;
  readonly kemEk: Uint8Array;
  /** The secret (64 bytes, 32 in classic mode), or `null` for an answer that is malformed. Once. */
  finish(ePub: Uint8Array, kemCt: Uint8Array): Uint8Array | null;
  destroy(): void;
}

export function startRekey(options: {
  readonly primitives: Primitives;
  /** Asked for the ephemeral private key (32) and, in post-quantum mode, then for ML-KEM's seed (64). */
  readonly random: Random;
  readonly mode: EncryptionMode;
}): StartedRekey {
  const { primitives, random, mode } = options;
  const privateKey = random(32);
  let pair: MlKemKeyPair | null = null;
  if (mode === "post-quantum") {
    const seed = random(64);
    pair = primitives.mlKemKeyPair(seed);
    seed.fill(0);
  }
  let over = false;

  function destroy(): void {
    over = true;
    privateKey.fill(0);
    pair?.destroy();
  }

  return {
    ePub: primitives.x25519PublicKey(privateKey),
    kemEk: pair?.encapsulationKey ?? new Uint8Array(0),
    destroy,
    finish(ePub, kemCt) {
      if (over) return null;
      const shared = primitives.x25519(privateKey, ePub);
      const kemSecret = pair ? primitives.mlKemDecapsulate(pair, kemCt) : emptyOnly(kemCt);
      destroy();
      return joinSecret(shared, kemSecret);
    },
  };
}

/** The worker's side; `null` for a request that is malformed. */
export function answerRekey(options: {
  readonly primitives: Primitives;
  /** Asked for the ephemeral private key (32) and, in post-quantum mode, then for ML-KEM's m (32). */
  readonly random: Random;
  readonly mode: EncryptionMode;
  readonly ePub: Uint8Array;
  readonly kemEk: Uint8Array;
}): { readonly ePub: Uint8Array; readonly kemCt: Uint8Array; readonly secret: Uint8Array } | null {
  const { primitives, random, mode, kemEk } = options;
  const kemEkBytes = mode === "classic" ? 0 : mlKemPublicKeyBytes;
  if (options.ePub.length !== x25519KeyBytes || kemEk.length !== kemEkBytes) return null;

  const privateKey = random(32);
  const ePub = primitives.x25519PublicKey(privateKey);
  const shared = primitives.x25519(privateKey, options.ePub);
  privateKey.fill(0);
  if (!shared) return null;
  if (mode === "classic") return { ePub, kemCt: new Uint8Array(0), secret: shared };

  const randomness = random(32);
  const encapsulation = primitives.mlKemEncapsulate(kemEk, randomness);
  randomness.fill(0);
  const secret = joinSecret(shared, encapsulation?.sharedSecret ?? null);
  return encapsulation && secret ? { ePub, kemCt: encapsulation.ciphertext, secret } : null;
}

/** `k'` of one direction: the first 32 bytes of HKDF(k, secret)[0]. Zeroing `key` and `secret` is the caller's. */
export function deriveRekeyedKey(
  primitives: Primitives,
  key: Uint8Array,
  secret: Uint8Array,
): Uint8Array {
  const [first, second] = hkdf(primitives, key, secret);
  const rekeyed = first.slice(0, 32);
  first.fill(0);
  second.fill(0);
  return rekeyed;
}

function emptyOnly(bytes: Uint8Array): Uint8Array | null {
  return bytes.length === 0 ? bytes : null;
}

/** `X25519 || ML-KEM`, zeroing both parts; `null` when one is missing. */
function joinSecret(shared: Uint8Array | null, kemSecret: Uint8Array | null): Uint8Array | null {
  const secret = shared && kemSecret ? new Uint8Array(shared.length + kemSecret.length) : null;
  if (secret && shared && kemSecret) {
    secret.set(shared);
    secret.set(kemSecret, shared.length);
  }
  shared?.fill(0);
  kemSecret?.fill(0);
  return secret;
}
