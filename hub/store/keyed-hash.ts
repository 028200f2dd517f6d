import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Tokens and registration keys are random and stored only as this: without the key file, which is not in
 * the database, a stolen database does not even tell whether a guess is right.
 */
export interface KeyedHash {
  /** Base64url. */
  hash(secret: string): string;
  /** In constant time. */
  matches(secret: string, hash: string): boolean;
}

export function makeKeyedHash(key: Uint8Array): KeyedHash {
  const digest = (secret: string): Buffer => createHmac("sha256", key).update(secret).digest();
  return {
    hash: (secret) => digest(secret).toString("base64url"),
    matches(secret, hash) {
      const expected = Buffer.from(hash, "base64url");
      const actual = digest(secret);
      return expected.length === actual.length && timingSafeEqual(expected, actual);
    },
  };
}
