import type { Random } from "@leapmux/shared/platform/platform.ts";
import type { KeyedHash } from "../store/keyed-hash.ts";
import { isSecret, makeSecret } from "./account-tokens.ts";

/**
 * The way to the first account: a token that this process printed at its start, kept as a keyed hash and
 * in memory only. The next start prints another one, as long as there is no account.
 */
export interface SetUp {
  /** Null: there are accounts. */
  readonly token: string | null;
  matches(token: string): boolean;
  /** There is an account now. */
  close(): void;
}

export function makeSetUp(isNeeded: boolean, random: Random, keyedHash: KeyedHash): SetUp {
  const token = isNeeded ? makeSecret(random, "lmi_") : null;
  let hash = token === null ? null : keyedHash.hash(token);
  return {
    token,
    matches: (given) => hash !== null && isSecret(given, "lmi_") && keyedHash.matches(given, hash),
    close() {
      hash = null;
    },
  };
}
