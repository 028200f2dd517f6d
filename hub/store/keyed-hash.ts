import { createHmac, timingSafeEqual } from "node:crypto";
import type { HashedColumn } from "./hashed-columns.ts";

/**
 * Tokens and registration keys are random and stored only as this: without the key file, which is not in
 * the database, a stolen database does not even tell whether a guess is right.
 */
export interface KeyedHash {
  /** What is stored from now on: `generation.base64url`, of the first generation base64url alone. */
  hash(secret: string): string;
  /** In constant time, under every generation that is accepted at this moment. */
  matches(secret: string, hash: string): boolean;
  /**
   * The hash that the row with this secret has, if there is one: while a former generation is accepted, a hash
   * of it is moved to the active one first.
   */
  settle(column: HashedColumn, secret: string): Promise<string>;
  /**
   * A secret that stays in use without being shown again, by an open link: moved when the key changes. The
   * answer ends that.
   */
  follow(column: HashedColumn, secret: string): () => void;
}

/** One of the keys that the hashes are made with. */
export interface Pepper {
  readonly generation: number;
  readonly key: Uint8Array;
}

/** With one key that never changes. */
export function makeKeyedHash(key: Uint8Array): KeyedHash {
  const pepper = { generation: 1, key };
  const hash = (secret: string): string => hashUnder(pepper, secret);
  return {
    hash,
    matches: (secret, stored) => matchesUnder([pepper], secret, stored),
    settle: (_column, secret) => Promise.resolve(hash(secret)),
    follow: () => () => undefined,
  };
}

export function hashUnder({ generation, key }: Pepper, secret: string): string {
  const digest = createHmac("sha256", key).update(secret).digest("base64url");
  return generation === 1 ? digest : `${generation}.${digest}`;
}

/** Takes as long for every generation and every answer. */
export function matchesUnder(peppers: readonly Pepper[], secret: string, stored: string): boolean {
  let matches = false;
  for (const pepper of peppers) {
    const actual = Buffer.from(hashUnder(pepper, secret));
    const expected = Buffer.from(stored);
    const isSame = expected.length === actual.length && timingSafeEqual(expected, actual);
    matches ||= isSame;
  }
  return matches;
}
