import { LostSecretError, type PepperFile, type Peppers } from "../keystore/pepper-file.ts";
import {
  dropHashes,
  holdsOtherHashes,
  moveHash,
  type HashCounts,
  type HashedColumn,
} from "./hashed-columns.ts";
import { hashUnder, matchesUnder, type KeyedHash, type Pepper } from "./keyed-hash.ts";
import type { Store } from "./open-store.ts";

/** The hash that this hub's tokens are stored as, with a key that may change while it runs. */
export interface RotatingHash extends KeyedHash {
  readonly generation: () => number;
  /** Takes what the file says by now, moves what is followed, and ends what no longer counts. May be repeated. */
  take(peppers: Peppers): Promise<HashCounts>;
  /** Ends the grace when its time has come. */
  checkGrace(): Promise<void>;
  /** Runs whenever a key is taken. */
  onRotated(run: () => Promise<void>): void;
}

/** Older ones were ended long ago, by whoever rotated next. */
const maxFormerGenerations = 100;

/**
 * A hub that lost its key would not know one of its workers, and they believe it: each would wipe its
 * registration. So it does not start, and neither with a key that is older than the hashes in the database.
 */
export async function loadKeyedHash(
  file: PepperFile,
  store: Store,
  wallMs: () => number,
): Promise<RotatingHash> {
  const user = await store.selectFrom("users").select("user_id").limit(1).executeTakeFirst();
  // A bundled worker is told anew at each start.
  const worker = await store
    .selectFrom("workers")
    .select("worker_id")
    .where("bundled", "=", 0)
    .limit(1)
    .executeTakeFirst();
  const mayMake = user === undefined && worker === undefined;
  const peppers = await file.load({ mayMake });
  const { generation } = peppers.active;
  if (!mayMake && (await holdsOtherHashes(store, upTo(generation)))) {
    throw new LostSecretError(
      "the file token-hash.key is older than the database, which holds hashes of a later key: restore both from the same backup",
    );
  }
  const hash = makeRotatingHash(peppers, store, wallMs);
  await hash.take(peppers);
  return hash;
}

function makeRotatingHash(peppers: Peppers, store: Store, wallMs: () => number): RotatingHash {
  const followed = new Set<{ readonly column: HashedColumn; readonly secret: string }>();
  const listeners: (() => Promise<void>)[] = [];
  let { active, former } = peppers;
  let isGraceOver = former === null;

  const acceptedFormer = (): Pepper | null =>
    former !== null && wallMs() < former.untilMs ? former : null;
  const accepted = (): Pepper[] => {
    const other = acceptedFormer();
    return other === null ? [active] : [active, other];
  };
  /** Only those before: what is newer than this key is for a hub that has read it. */
  const dropStale = (): Promise<HashCounts> => {
    const good = accepted().map(({ generation }) => generation);
    const stale = upTo(active.generation).filter((generation) => !good.includes(generation));
    return dropHashes(store, stale, wallMs());
  };

  async function settle(column: HashedColumn, secret: string): Promise<string> {
    const hash = hashUnder(active, secret);
    const other = acceptedFormer();
    if (other !== null) await moveHash(store, column, hashUnder(other, secret), hash);
    return hash;
  }

  return {
    hash: (secret) => hashUnder(active, secret),
    matches: (secret, stored) => matchesUnder(accepted(), secret, stored),
    settle,
    follow(column, secret) {
      const entry = { column, secret };
      followed.add(entry);
      return () => void followed.delete(entry);
    },
    generation: () => active.generation,
    async take(next) {
      ({ active, former } = next);
      isGraceOver = false;
      for (const { column, secret } of followed) await settle(column, secret);
      for (const run of listeners) await run();
      const ended = await dropStale();
      isGraceOver = acceptedFormer() === null;
      return ended;
    },
    async checkGrace() {
      if (isGraceOver || acceptedFormer() !== null) return;
      await dropStale();
      isGraceOver = true;
    },
    onRotated: (run) => void listeners.push(run),
  };
}

/** Generations of keys that this one has followed, itself included. */
export function upTo(generation: number): number[] {
  const count = Math.min(generation, maxFormerGenerations);
  return Array.from({ length: count }, (_, index) => generation - index);
}
