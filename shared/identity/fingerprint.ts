import { blake2b } from "@noble/hashes/blake2.js";
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { wordlist } from "@scure/bip39/wordlists/english.js";

/**
 * What people compare (protocol §2): the same in browser, command line and worker. scrypt makes it
 * dear to look for a second key with the same words.
 */
export interface Fingerprint {
  /** 16 bytes. */
  readonly digest: Uint8Array;
  /** The first 44 bits, 11 per word. */
  readonly words: readonly [string, string, string, string];
  /** The first 88 bits: eight words, of which the first four are `words`. */
  readonly longWords: readonly string[];
}

/** scrypt with the given cost, `length` bytes; Node's native one may stand in for noble's. */
export type Scrypt = (
  password: Uint8Array,
  salt: Uint8Array,
  cost: { readonly N: number; readonly r: number; readonly p: number },
  length: number,
) => Promise<Uint8Array>;

const workerSalt = new TextEncoder().encode("leapmux fingerprint v1");
const deviceSalt = new TextEncoder().encode("leapmux device v1");
const cost = { N: 2 ** 15, r: 8, p: 1 };
const digestBytes = 16;
const bitsPerWord = 11;

/** Of a worker's composite key. Takes about 0.1 s; yields to the event loop while it works. */
export function fingerprint(
  compositeKey: Uint8Array,
  scrypt: Scrypt = nobleScrypt,
): Promise<Fingerprint> {
  return stretch(compositeKey, workerSalt, scrypt);
}

/** The words of a device's public key (protocol §7), which are never those of a worker. */
export function deviceFingerprint(
  devicePublicKey: Uint8Array,
  scrypt: Scrypt = nobleScrypt,
): Promise<Fingerprint> {
  return stretch(devicePublicKey, deviceSalt, scrypt);
}

async function stretch(
  publicKey: Uint8Array,
  salt: Uint8Array,
  scrypt: Scrypt,
): Promise<Fingerprint> {
  const password = blake2b(publicKey, { dkLen: 64 });
  const digest = await scrypt(password, salt, cost, digestBytes);
  const word = (index: number): string => wordAt(digest, index);
  return {
    digest,
    words: [word(0), word(1), word(2), word(3)],
    longWords: [0, 1, 2, 3, 4, 5, 6, 7].map(word),
  };
}

/** `a-b-c-d`. */
export function formatWords(words: readonly string[]): string {
  return words.join("-");
}

function wordAt(digest: Uint8Array, index: number): string {
  let value = 0;
  for (let bit = index * bitsPerWord; bit < (index + 1) * bitsPerWord; bit++) {
    const byte = digest[bit >> 3] ?? 0;
    value = (value << 1) | ((byte >> (7 - (bit & 7))) & 1);
  }
  return wordlist[value] ?? "";
}

const nobleScrypt: Scrypt = (password, scryptSalt, { N, r, p }, length) =>
  scryptAsync(password, scryptSalt, { N, r, p, dkLen: length });
