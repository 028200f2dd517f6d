import type { Random } from "@leapmux/shared/platform/platform.ts";
import { countHashes, dropHashes, type HashCounts } from "../store/hashed-columns.ts";
import { flushCommits } from "../store/flush-commits.ts";
import type { Store } from "../store/open-store.ts";
import { countKeyUses, lockSealed, type KeyUse } from "../store/sealed-columns.ts";
import { keyBytes, withNewKey, withoutKey, type KeyRing } from "./key-ring.ts";
import { makeKeystore } from "./keystore.ts";
import { rotatePepper, type PepperFile, type Peppers } from "./pepper-file.ts";
import { reencrypt, type ReencryptProgress } from "./reencrypt.ts";
import type { RingFile } from "./ring-file.ts";

/**
 * What admins do with the keys, on the files and the database, whether a hub runs or not. Each may be killed at
 * any moment: no key is lost that anything needs, no value becomes unreadable, and asked again it goes on.
 */
export interface KeyOperations {
  status(): Promise<KeyStatus>;
  /** The version that seals from now on. */
  rotate(): Promise<number>;
  /** The last one says what could not be opened. */
  reencrypt(): AsyncGenerator<ReencryptProgress>;
  remove(version: number): Promise<Removed>;
  /** What would end at once, or with the grace unless its token is seen before. */
  countTokens(): Promise<HashCounts>;
  rotatePepper(graceMs: number): Promise<PepperRotated>;
}

export interface KeyStatus {
  readonly activeVersion: number;
  readonly wrapped: "none" | "passphrase" | "key";
  readonly keys: readonly {
    readonly version: number;
    /** Null: the file does not say. */
    readonly madeAtMs: number | null;
    readonly uses: readonly KeyUse[];
  }[];
  /** Values that no key of the ring opens: sealed with one that is gone. */
  readonly lost: readonly KeyUse[];
  readonly pepper: {
    readonly generation: number;
    /** Null: no former one counts any more. */
    readonly formerUntilMs: number | null;
    /** Still under the former one. */
    readonly unmoved: HashCounts | null;
  };
}

export type Removed =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: "active" | "absent" }
  | { readonly ok: false; readonly reason: "used"; readonly uses: readonly KeyUse[] }
  | { readonly ok: false; readonly reason: "too_early"; readonly retryAfterMs: number };

export type PepperRotated =
  | {
      readonly ok: true;
      readonly generation: number;
      /** Ended now; with grace, what ends with it unless it is seen before. */
      readonly tokens: HashCounts;
      readonly formerUntilMs: number | null;
    }
  | { readonly ok: false; readonly reason: "grace_running"; readonly untilMs: number };

/**
 * A hub that runs looks at the file whenever it seals, so nothing new hangs on a former key; this is for what
 * it had sealed a moment before and had not written yet.
 */
const settleMs = 10_000;

export function makeKeyOperations(parts: {
  readonly store: Store;
  readonly ringFile: RingFile;
  readonly pepperFile: PepperFile;
  readonly random: Random;
  readonly wallMs: () => number;
  /** Of a hub in this process: resolves when it has taken what the files say. */
  readonly afterChange?: () => Promise<void>;
}): KeyOperations {
  const { store, ringFile, pepperFile, random, wallMs } = parts;
  const afterChange = parts.afterChange ?? (() => Promise.resolve());
  const load = (): Promise<KeyRing> => ringFile.load({ mayMake: false });
  const formerOf = ({ former }: Peppers) =>
    former !== null && wallMs() < former.untilMs ? former : null;

  return {
    async status() {
      const [ring, uses] = await Promise.all([load(), countKeyUses(store)]);
      const peppers = pepperFile.read();
      const former = formerOf(peppers);
      return {
        activeVersion: ring.activeVersion,
        wrapped: ringFile.wrapped(),
        keys: [...ring.keys.keys()]
          .sort((one, other) => other - one)
          .map((version) => ({
            version,
            madeAtMs: ring.madeAtMs?.get(version) ?? null,
            uses: uses.filter((use) => use.version === version),
          })),
        lost: uses.filter(({ version }) => version === null || !ring.keys.has(version)),
        pepper: {
          generation: peppers.active.generation,
          formerUntilMs: former?.untilMs ?? null,
          unmoved: former === null ? null : await countHashes(store, [former.generation]),
        },
      };
    },

    async rotate() {
      const version = await ringFile.change(async (before, replace) => {
        const ring = withNewKey(before, random(keyBytes), wallMs());
        await replace(ring);
        return ring.activeVersion;
      });
      await afterChange();
      return version;
    },

    async *reencrypt() {
      yield* reencrypt(store, makeKeystore(await load(), random));
    },

    async remove(version) {
      const removed = await ringFile.change(async (ring, replace) => {
        const verdict = mayRemove(ring, version, await countKeyUses(store), wallMs());
        if (!verdict.ok) return verdict;
        // What was sealed anew must not come back, by a power cut, as it was under this key.
        await flushCommits(store);
        return await store.transaction().execute(async (db) => {
          // From here until the file is replaced nobody seals anything into the database.
          await lockSealed(db);
          const still = mayRemove(ring, version, await countKeyUses(db), wallMs());
          if (still.ok) await replace(withoutKey(ring, version));
          return still;
        });
      });
      await afterChange();
      return removed;
    },

    countTokens: () => countHashes(store, generationsOf(pepperFile.read())),

    async rotatePepper(graceMs) {
      const nowMs = wallMs();
      let runningUntilMs: number | null = null;
      const peppers = await pepperFile.change((before) => {
        // A second grace would end the tokens of the first one before their time.
        runningUntilMs = graceMs > 0 ? (formerOf(before)?.untilMs ?? null) : null;
        if (runningUntilMs !== null) return null;
        return rotatePepper(before, random(keyBytes), { graceMs, nowMs });
      });
      if (runningUntilMs !== null) {
        return { ok: false, reason: "grace_running", untilMs: runningUntilMs };
      }
      const { active, former } = peppers;
      const before = generationsOf(peppers).slice(1);
      // The file first: from then on they count no more, and whoever looks next ends what a crash left.
      const tokens =
        former === null ? await dropHashes(store, before, nowMs) : await countHashes(store, before);
      await afterChange();
      return {
        ok: true,
        generation: active.generation,
        tokens,
        formerUntilMs: former?.untilMs ?? null,
      };
    },
  };
}

function mayRemove(
  ring: KeyRing,
  version: number,
  everyUse: readonly KeyUse[],
  nowMs: number,
): Removed {
  if (!ring.keys.has(version)) return { ok: false, reason: "absent" };
  if (version === ring.activeVersion) return { ok: false, reason: "active" };
  const uses = everyUse.filter((use) => use.version === version);
  if (uses.length > 0) return { ok: false, reason: "used", uses };
  const activeSinceMs = ring.madeAtMs?.get(ring.activeVersion) ?? 0;
  const retryAfterMs = activeSinceMs + settleMs - nowMs;
  // A clock that was set back must not keep it for ever.
  if (retryAfterMs > 0 && retryAfterMs <= settleMs) {
    return { ok: false, reason: "too_early", retryAfterMs };
  }
  return { ok: true };
}

/** The active one and those before it. */
function generationsOf({ active }: Peppers): number[] {
  const count = Math.min(active.generation, 100);
  return Array.from({ length: count }, (_, index) => active.generation - index);
}
