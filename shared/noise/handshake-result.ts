import type { Primitives } from "./primitives.ts";
import type { SymmetricState } from "./symmetric-state.ts";

/** What a finished handshake leaves: one key per direction and the channel binding `h` (64 bytes). */
export interface TransportKeys {
  readonly clientToWorker: Uint8Array;
  readonly workerToClient: Uint8Array;
}

export interface HandshakeFailure {
  readonly ok: false;
  readonly reason: "handshake_failed";
  readonly message: string;
}

export type HandshakeResult =
  | { readonly ok: true; readonly keys: TransportKeys; readonly binding: Uint8Array }
  | HandshakeFailure;

export function failHandshake(message: string): HandshakeFailure {
  return { ok: false, reason: "handshake_failed", message };
}

export const signatureContext = new TextEncoder().encode("leapmux-e2ee-v1 handshake");

/** What the worker signs in post-quantum mode (protocol §3.2). */
export function hashTranscript(
  primitives: Primitives,
  h: Uint8Array,
  ciphertext: Uint8Array,
  sharedSecret: Uint8Array,
): Uint8Array {
  return primitives.blake2b512(h, ciphertext, sharedSecret);
}

/** Split in both modes; `sharedSecret` of ML-KEM in post-quantum mode only (protocol §3.4). Zeroes it and the state. */
export function splitKeys(
  symmetric: SymmetricState,
  sharedSecret: Uint8Array | null,
): TransportKeys {
  if (sharedSecret) {
    symmetric.mixChainingKey(sharedSecret);
    sharedSecret.fill(0);
  }
  const [clientToWorker, workerToClient] = symmetric.split();
  symmetric.destroy();
  return { clientToWorker, workerToClient };
}
