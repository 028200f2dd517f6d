import { message1Bytes, message2Bytes, noiseMessageBytes } from "../limits/limits.ts";
import type { Random } from "../platform/platform.ts";
import {
  failHandshake,
  hashTranscript,
  type HandshakeFailure,
  signatureContext,
  splitKeys,
  type TransportKeys,
} from "./handshake-result.ts";
import { makeNkResponder, type NkResponder } from "./noise-nk.ts";
import type { EncryptionMode, MlKemKeyPair, Primitives, Signer } from "./primitives.ts";
import { encodePrologue } from "./prologue.ts";

/** The parts of a worker's secrets that a handshake needs; `WorkerSecrets` is one. They stay the caller's. */
export interface ResponderIdentity {
  readonly x25519PrivateKey: Uint8Array;
  readonly mlKemPair: MlKemKeyPair;
}

export interface AnswerHandshakeOptions {
  readonly primitives: Primitives;
  /** Asked once, for the ephemeral private key (32). */
  readonly random: Random;
  readonly signer: Signer;
  /** The worker's own mode: a message 1 of the other mode has the wrong length and another prologue. */
  readonly mode: EncryptionMode;
  readonly workerId: string;
  readonly channelId: string;
  readonly identity: ResponderIdentity;
  readonly message1: Uint8Array;
}

export type AnsweredHandshake =
  | {
      readonly ok: true;
      /** 48 bytes, or 49,904 in post-quantum mode. */
      readonly message2: Uint8Array;
      readonly keys: TransportKeys;
      readonly binding: Uint8Array;
    }
  | HandshakeFailure;

/**
 * The worker's half of protocol §3. Quotas and duplicate channel ids are the caller's to refuse, before
 * this. All work but the signature is synchronous and short; the signature is the signer's, off the event loop.
 */
export async function answerHandshake(options: AnswerHandshakeOptions): Promise<AnsweredHandshake> {
  const { primitives, mode, identity, message1 } = options;
  if (message1.length !== message1Bytes[mode]) {
    return failHandshake("noise: message 1 has the wrong length");
  }
  const prologue = encodePrologue(mode, options.workerId, options.channelId);
  if (!prologue) return failHandshake("noise: worker or channel id is not valid");

  const nk = makeNkResponder({
    primitives,
    prologue,
    staticPrivateKey: identity.x25519PrivateKey,
    ephemeralPrivateKey: options.random(32),
  });
  try {
    if (!nk.readMessage1(message1.subarray(0, noiseMessageBytes))) {
      return failHandshake("noise: message 1 does not authenticate");
    }
    return mode === "classic" ? answerClassic(nk) : await answerPostQuantum(nk, options);
  } finally {
    nk.destroy();
  }
}

function answerClassic(nk: NkResponder): AnsweredHandshake {
  const message2 = nk.writeMessage2(new Uint8Array(0));
  if (!message2) return failHandshake("noise: message 1 holds no valid X25519 key");
  const binding = nk.symmetric.hash();
  return { ok: true, message2, keys: splitKeys(nk.symmetric, null), binding };
}

async function answerPostQuantum(
  nk: NkResponder,
  options: AnswerHandshakeOptions,
): Promise<AnsweredHandshake> {
  const { primitives, identity, signer } = options;
  const ciphertext = options.message1.slice(noiseMessageBytes);
  const sharedSecret = primitives.mlKemDecapsulate(identity.mlKemPair, ciphertext);
  if (!sharedSecret)
    return failHandshake("noise-hybrid: message 1 holds no valid ML-KEM ciphertext");
  try {
    nk.symmetric.mixHash(ciphertext);
    const noiseMessage2 = nk.writeMessage2(new Uint8Array(0));
    if (!noiseMessage2) return failHandshake("noise: message 1 holds no valid X25519 key");
    const binding = nk.symmetric.hash();
    const transcript = hashTranscript(primitives, binding, ciphertext, sharedSecret);
    const signature = await signer.sign(transcript, signatureContext);
    const message2 = new Uint8Array(message2Bytes["post-quantum"]);
    message2.set(noiseMessage2);
    message2.set(signature, noiseMessageBytes);
    return { ok: true, message2, keys: splitKeys(nk.symmetric, sharedSecret), binding };
  } finally {
    sharedSecret.fill(0);
  }
}
