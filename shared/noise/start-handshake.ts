import {
  compositeKeyBytes,
  message2Bytes,
  mlKemPublicKeyBytes,
  noiseMessageBytes,
  x25519KeyBytes,
} from "../limits/limits.ts";
import type { Random } from "../platform/platform.ts";
import {
  failHandshake,
  hashTranscript,
  type HandshakeFailure,
  type HandshakeResult,
  signatureContext,
  splitKeys,
} from "./handshake-result.ts";
import { makeNkInitiator } from "./noise-nk.ts";
import type { EncryptionMode, MlKemEncapsulation, Primitives } from "./primitives.ts";
import { encodePrologue } from "./prologue.ts";

export interface StartHandshakeOptions {
  readonly primitives: Primitives;
  /** Asked once for the ephemeral private key (32) and, in post-quantum mode, then for ML-KEM's m (32). */
  readonly random: Random;
  readonly mode: EncryptionMode;
  readonly workerId: string;
  readonly channelId: string;
  /** The worker's composite static key, 1664 bytes, in both modes (protocol §2). */
  readonly workerKey: Uint8Array;
}

export interface StartedHandshake {
  readonly ok: true;
  /** 48 bytes, or 1616 in post-quantum mode. */
  readonly message1: Uint8Array;
  /** Once; whatever the outcome, the secrets of the handshake are gone afterwards. */
  finish(message2: Uint8Array): HandshakeResult;
  /** Gives up: zeroes the state. */
  destroy(): void;
}

/** The client's half of protocol §3. Nothing that comes from the hub makes it throw. */
export function startHandshake(
  options: StartHandshakeOptions,
): StartedHandshake | HandshakeFailure {
  const { primitives, random, mode, workerKey } = options;
  const prologue = encodePrologue(mode, options.workerId, options.channelId);
  if (!prologue) return failHandshake("noise: worker or channel id is not valid");
  if (workerKey.length !== compositeKeyBytes) {
    return failHandshake("noise: worker key has the wrong length");
  }
  const mlKemKey = workerKey.subarray(x25519KeyBytes, x25519KeyBytes + mlKemPublicKeyBytes);
  const slhDsaKey = workerKey.slice(x25519KeyBytes + mlKemPublicKeyBytes);

  const nk = makeNkInitiator({
    primitives,
    prologue,
    remoteStaticKey: workerKey.slice(0, x25519KeyBytes),
    ephemeralPrivateKey: random(32),
  });
  const noiseMessage1 = nk.writeMessage1(new Uint8Array(0));
  if (!noiseMessage1) return failHandshake("noise: worker key is not a valid X25519 key");

  let message1 = noiseMessage1;
  let encapsulation: MlKemEncapsulation | null = null;
  if (mode === "post-quantum") {
    const randomness = random(32);
    encapsulation = primitives.mlKemEncapsulate(mlKemKey, randomness);
    randomness.fill(0);
    if (!encapsulation) {
      nk.destroy();
      return failHandshake("noise-hybrid: worker key is not a valid ML-KEM-1024 key");
    }
    nk.symmetric.mixHash(encapsulation.ciphertext);
    message1 = new Uint8Array(noiseMessage1.length + encapsulation.ciphertext.length);
    message1.set(noiseMessage1);
    message1.set(encapsulation.ciphertext, noiseMessage1.length);
  }

  let over = false;
  function destroy(): void {
    over = true;
    nk.destroy();
    encapsulation?.sharedSecret.fill(0);
  }

  function readMessage2(message2: Uint8Array): HandshakeResult {
    if (message2.length !== message2Bytes[mode]) {
      return failHandshake("noise: message 2 has the wrong length");
    }
    const payload = nk.readMessage2(message2.subarray(0, noiseMessageBytes));
    if (!payload) return failHandshake("noise: message 2 does not authenticate");
    const binding = nk.symmetric.hash();
    if (encapsulation) {
      const { ciphertext, sharedSecret } = encapsulation;
      const transcript = hashTranscript(primitives, binding, ciphertext, sharedSecret);
      const signature = message2.subarray(noiseMessageBytes);
      // Before any key is used (protocol §3.3).
      if (!primitives.slhDsaVerify(slhDsaKey, transcript, signatureContext, signature)) {
        return failHandshake("noise-hybrid: SLH-DSA signature verification failed");
      }
    }
    const keys = splitKeys(nk.symmetric, encapsulation?.sharedSecret ?? null);
    return { ok: true, keys, binding };
  }

  return {
    ok: true,
    message1,
    destroy,
    finish(message2) {
      if (over) return failHandshake("noise: this handshake is over");
      const result = readMessage2(message2);
      destroy();
      return result;
    },
  };
}
