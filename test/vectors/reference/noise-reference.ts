/**
 * Noise_NK_25519_ChaChaPoly_BLAKE2b a second time, written down from the specification in the plainest way
 * and sharing nothing with `shared/noise`: no roles, no interfaces, one object of three variables.
 * Slow, obvious, never used but in tests.
 */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { blake2b } from "@noble/hashes/blake2.js";

export const empty = new Uint8Array(0);

export function concat(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function hash(data: Uint8Array): Uint8Array {
  return blake2b(data, { dkLen: 64 });
}

/** RFC 2104; the block of BLAKE2b is 128 bytes, and no key here is longer. */
function hmac(key: Uint8Array, data: Uint8Array): Uint8Array {
  const padded = concat(key, new Uint8Array(128 - key.length));
  const inner = padded.map((byte) => byte ^ 0x36);
  const outer = padded.map((byte) => byte ^ 0x5c);
  return hash(concat(outer, hash(concat(inner, data))));
}

/** Noise §4.3, two outputs. */
export function hkdf(chainingKey: Uint8Array, input: Uint8Array): [Uint8Array, Uint8Array] {
  const temporary = hmac(chainingKey, input);
  const output1 = hmac(temporary, Uint8Array.of(1));
  const output2 = hmac(temporary, concat(output1, Uint8Array.of(2)));
  return [output1, output2];
}

function dh(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  return x25519.getSharedSecret(privateKey, publicKey);
}

export function publicKeyOf(privateKey: Uint8Array): Uint8Array {
  return x25519.getPublicKey(privateKey);
}

/** Noise §12.3. */
function nonceBytes(counter: bigint): Uint8Array {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64LE(counter, 4);
  return new Uint8Array(nonce);
}

export function seal(
  key: Uint8Array,
  counter: bigint,
  associatedData: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  return chacha20poly1305(key, nonceBytes(counter), associatedData).encrypt(plaintext);
}

/** Throws when the ciphertext does not authenticate. */
function open(
  key: Uint8Array,
  counter: bigint,
  associatedData: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  return chacha20poly1305(key, nonceBytes(counter), associatedData).decrypt(ciphertext);
}

/** The variables of Noise §5.2. In NK every key is used for exactly one payload, so there is no counter. */
export interface State {
  h: Uint8Array;
  ck: Uint8Array;
  k: Uint8Array;
}

/** Both sides know the prologue and the responder's static key: the pre-message `<- s`. */
export function begin(prologue: Uint8Array, responderStatic: Uint8Array): State {
  const name = Buffer.from("Noise_NK_25519_ChaChaPoly_BLAKE2b");
  const h = concat(name, new Uint8Array(64 - name.length));
  const state = { h, ck: h, k: empty };
  mixHash(state, prologue);
  mixHash(state, responderStatic);
  return state;
}

export function mixHash(state: State, data: Uint8Array): void {
  state.h = hash(concat(state.h, data));
}

function mixKey(state: State, input: Uint8Array): void {
  const [ck, temporary] = hkdf(state.ck, input);
  state.ck = ck;
  state.k = temporary.subarray(0, 32);
}

/** One message as its sender makes it: `e`, one DH, the payload. */
export function writeMessage(
  state: State,
  ephemeralPrivate: Uint8Array,
  theirPublic: Uint8Array,
  payload: Uint8Array,
): Uint8Array {
  const e = publicKeyOf(ephemeralPrivate);
  mixHash(state, e);
  mixKey(state, dh(ephemeralPrivate, theirPublic));
  const ciphertext = seal(state.k, 0n, state.h, payload);
  mixHash(state, ciphertext);
  return concat(e, ciphertext);
}

/** The same message as its receiver reads it. */
export function readMessage(state: State, ownPrivate: Uint8Array, message: Uint8Array): Uint8Array {
  const e = message.subarray(0, 32);
  mixHash(state, e);
  mixKey(state, dh(ownPrivate, e));
  const payload = open(state.k, 0n, state.h, message.subarray(32));
  mixHash(state, message.subarray(32));
  return payload;
}

export function split(ck: Uint8Array): [Uint8Array, Uint8Array] {
  const [first, second] = hkdf(ck, empty);
  return [first.subarray(0, 32), second.subarray(0, 32)];
}
