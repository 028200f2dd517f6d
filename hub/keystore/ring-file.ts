import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "@leapmux/shared/platform/platform.ts";
import { dropLeftovers, replacePrivateFile, requirePrivate } from "../store/private-files.ts";
import {
  damaged,
  formatKeyRing,
  keyBytes,
  KeyRingError,
  parseKeyRing,
  withNewKey,
  type KeyRing,
} from "./key-ring.ts";
import { lockKeyFiles } from "./lock-key-files.ts";
import {
  findWrappingKey,
  isWrapped,
  makeWrappingKey,
  unwrapRing,
  wrappedBy,
  wrapRing,
  type WrappingKey,
} from "./wrapped-ring.ts";
import type { Wrapping } from "./wrapping-key.ts";

/**
 * `encryption.key` in the data directory: the ring as text, plain or wrapped. For its owner only, and replaced
 * only as a whole (written beside, flushed, renamed, directory flushed), because who loses a key loses
 * everything that it sealed.
 */
export interface RingFile {
  readonly path: string;
  /**
   * Reads it, or makes it at the first start. `mayMake` false: something was sealed already, so a missing file
   * is a lost one, and a fresh key would only hide that.
   */
  load(options: { readonly mayMake: boolean }): Promise<KeyRing>;
  /** At once, with the key that unwrapped it last; null where another one is needed by now. Throws like `load`. */
  reread(): KeyRing | null;
  /** Another text for another state of the file; empty when there is none. */
  stamp(): string;
  wrapped(): "none" | "passphrase" | "key";
  /** Alone among all writers. What `run` hands to `replace` is in the file when that resolves. */
  change<T>(
    run: (ring: KeyRing, replace: (ring: KeyRing) => Promise<void>) => Promise<T>,
  ): Promise<T>;
  /** The same keys, from now on wrapped like this. */
  rewrap(to: Wrapping): Promise<void>;
}

const fileName = "encryption.key";
const maxFileBytes = 64 * 1024;

export function makeRingFile(options: {
  readonly directory: string;
  readonly wrapping: Wrapping;
  readonly random: Random;
  readonly wallMs: () => number;
}): RingFile {
  const { directory, random, wallMs } = options;
  const path = join(directory, fileName);
  let { wrapping } = options;
  let known: WrappingKey | null = null;

  function readText(): string {
    requirePrivate(path, "file");
    if (statSync(path).size > maxFileBytes) {
      throw damaged(path, `is longer than ${maxFileBytes} bytes`);
    }
    const text = readFileSync(path, "utf8");
    // Where wrapping is asked for, a plain file is either an oversight or somebody's doing.
    if (wrapping.kind !== "none" && !isWrapped(text)) {
      throw new KeyRingError(
        `the file ${path} is not wrapped, but encryption_key_wrap says so: run \`leapmux admin encryption-key wrap\``,
      );
    }
    return text;
  }

  async function read(): Promise<KeyRing> {
    const text = readText();
    if (!isWrapped(text)) return parseKeyRing(text, path);
    const again = known === null ? null : unwrapRing(text, known);
    if (again !== null) return parseKeyRing(again, path);
    const key = await findWrappingKey(text, path, wrapping);
    const ring = unwrapRing(text, key);
    if (ring === null) {
      throw new KeyRingError(
        `the file ${path} does not open with the key or passphrase that it was given: check where it comes from`,
      );
    }
    known = key;
    return parseKeyRing(ring, path);
  }

  async function write(ring: KeyRing): Promise<void> {
    const text = formatKeyRing(ring);
    if (wrapping.kind === "none") return replacePrivateFile(directory, fileName, text);
    known ??= await makeLastingKey();
    replacePrivateFile(directory, fileName, wrapRing(text, known, random));
  }

  /** Asked for twice: what gives another key each time would lose the ring at the next start. */
  async function makeLastingKey(): Promise<WrappingKey> {
    if (wrapping.kind === "none") throw new Error("nothing is to be wrapped");
    const key = await makeWrappingKey(wrapping, random);
    if (wrapping.kind === "passphrase") return key;
    const again = await makeWrappingKey(wrapping, random);
    if (Buffer.compare(key.key, again.key) === 0) return key;
    throw new KeyRingError("the wrapping key is another one each time: nothing was wrapped");
  }

  const exists = (): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;

  /** What writers left behind that were killed. Only for who holds the lock. */
  const alone = <T>(run: () => Promise<T>): Promise<T> =>
    lockKeyFiles(directory, () => {
      dropLeftovers(directory, fileName);
      return run();
    });

  return {
    path,

    async load({ mayMake }) {
      requirePrivate(directory, "directory");
      if (exists()) return await read();
      if (!mayMake) {
        throw new KeyRingError(
          `the file ${path} is missing, and the database holds secrets that only its keys open: restore it from a backup`,
        );
      }
      await alone(async () => {
        // Another process may have been first, whose key then counts.
        if (!exists()) await write(withNewKey(null, random(keyBytes), wallMs()));
      });
      return await read();
    },

    reread() {
      const text = readText();
      if (!isWrapped(text)) return parseKeyRing(text, path);
      const ring = known === null ? null : unwrapRing(text, known);
      return ring === null ? null : parseKeyRing(ring, path);
    },

    stamp() {
      const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
      return stats === undefined ? "" : `${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.mode}`;
    },

    wrapped() {
      requirePrivate(path, "file");
      return wrappedBy(readFileSync(path, "utf8")) ?? "none";
    },

    change: (run) =>
      alone(async () => {
        requirePrivate(directory, "directory");
        return await run(await read(), write);
      }),

    rewrap: (to) =>
      alone(async () => {
        requirePrivate(directory, "directory");
        const ring = await read();
        wrapping = to;
        known = null;
        await write(ring);
      }),
  };
}

/** A copy of the file, wherever its text is kept. Null where this key does not unwrap it. */
export async function readRingText(
  text: string,
  file: string,
  wrapping: Wrapping,
): Promise<KeyRing | null> {
  const plain = isWrapped(text)
    ? unwrapRing(text, await findWrappingKey(text, file, wrapping))
    : text;
  return plain === null ? null : parseKeyRing(plain, file);
}
