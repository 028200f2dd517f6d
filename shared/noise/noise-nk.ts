import { tagBytes, x25519KeyBytes } from "../limits/limits.ts";
import type { Primitives } from "./primitives.ts";
import { makeSymmetricState, type SymmetricState } from "./symmetric-state.ts";

/**
 * The Noise_NK pattern itself, any payloads, nothing of ours: pre-message `<- s`, then
 * `-> e, es` and `<- e, ee`. The published vectors run through this; the two modes of protocol §3
 * are built on it. Every function that reads or uses what came from outside answers `null` when a
 * point has low order or a payload does not authenticate; the state is destroyed then.
 */
const protocolName = "Noise_NK_25519_ChaChaPoly_BLAKE2b";

export interface NkInitiator {
  readonly symmetric: SymmetricState;
  writeMessage1(payload: Uint8Array): Uint8Array | null;
  readMessage2(message: Uint8Array): Uint8Array | null;
  destroy(): void;
}

export interface NkResponder {
  readonly symmetric: SymmetricState;
  readMessage1(message: Uint8Array): Uint8Array | null;
  writeMessage2(payload: Uint8Array): Uint8Array | null;
  destroy(): void;
}

/** Takes over `ephemeralPrivateKey` (32) and zeroes it with the rest. */
export function makeNkInitiator(options: {
  readonly primitives: Primitives;
  readonly prologue: Uint8Array;
  readonly remoteStaticKey: Uint8Array;
  readonly ephemeralPrivateKey: Uint8Array;
}): NkInitiator {
  const { primitives, remoteStaticKey, ephemeralPrivateKey } = options;
  const symmetric = initialize(primitives, options.prologue, remoteStaticKey);

  function destroy(): void {
    symmetric.destroy();
    ephemeralPrivateKey.fill(0);
  }

  return {
    symmetric,
    destroy,

    writeMessage1(payload) {
      const e = primitives.x25519PublicKey(ephemeralPrivateKey);
      symmetric.mixHash(e);
      if (!mixSharedKey(primitives, symmetric, ephemeralPrivateKey, remoteStaticKey)) {
        destroy();
        return null;
      }
      return join(e, symmetric.encryptAndHash(payload));
    },

    readMessage2(message) {
      const payload = readMessage(primitives, symmetric, ephemeralPrivateKey, message);
      if (!payload) destroy();
      return payload;
    },
  };
}

/** Takes over `ephemeralPrivateKey` (32) and zeroes it with the rest; the static key stays the caller's. */
export function makeNkResponder(options: {
  readonly primitives: Primitives;
  readonly prologue: Uint8Array;
  readonly staticPrivateKey: Uint8Array;
  readonly ephemeralPrivateKey: Uint8Array;
}): NkResponder {
  const { primitives, staticPrivateKey, ephemeralPrivateKey } = options;
  const staticKey = primitives.x25519PublicKey(staticPrivateKey);
  const symmetric = initialize(primitives, options.prologue, staticKey);
  let remoteEphemeral: Uint8Array = new Uint8Array(0);

  function destroy(): void {
    symmetric.destroy();
    ephemeralPrivateKey.fill(0);
  }

  return {
    symmetric,
    destroy,

    readMessage1(message) {
      remoteEphemeral = message.slice(0, x25519KeyBytes);
      const payload = readMessage(primitives, symmetric, staticPrivateKey, message);
      if (!payload) destroy();
      return payload;
    },

    writeMessage2(payload) {
      const e = primitives.x25519PublicKey(ephemeralPrivateKey);
      symmetric.mixHash(e);
      if (!mixSharedKey(primitives, symmetric, ephemeralPrivateKey, remoteEphemeral)) {
        destroy();
        return null;
      }
      return join(e, symmetric.encryptAndHash(payload));
    },
  };
}

function initialize(
  primitives: Primitives,
  prologue: Uint8Array,
  responderStaticKey: Uint8Array,
): SymmetricState {
  const symmetric = makeSymmetricState(primitives, protocolName);
  symmetric.mixHash(prologue);
  symmetric.mixHash(responderStaticKey);
  return symmetric;
}

/** Both messages read alike: their `e`, one DH with it (`es` or `ee`), the payload. */
function readMessage(
  primitives: Primitives,
  symmetric: SymmetricState,
  privateKey: Uint8Array,
  message: Uint8Array,
): Uint8Array | null {
  if (message.length < x25519KeyBytes + tagBytes) return null;
  const e = message.subarray(0, x25519KeyBytes);
  symmetric.mixHash(e);
  if (!mixSharedKey(primitives, symmetric, privateKey, e)) return null;
  return symmetric.decryptAndHash(message.subarray(x25519KeyBytes));
}

/** MixKey(DH(privateKey, publicKey)); false when the public key has low order. */
function mixSharedKey(
  primitives: Primitives,
  symmetric: SymmetricState,
  privateKey: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  const shared = primitives.x25519(privateKey, publicKey);
  if (!shared) return false;
  symmetric.mixKey(shared);
  shared.fill(0);
  return true;
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
