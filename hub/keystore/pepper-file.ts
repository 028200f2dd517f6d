import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "@leapmux/shared/platform/platform.ts";
import type { Pepper } from "../store/keyed-hash.ts";
import { dropLeftovers, replacePrivateFile, requirePrivate } from "../store/private-files.ts";
import { keyBytes } from "./key-ring.ts";
import { lockKeyFiles } from "./lock-key-files.ts";

/**
 * `token-hash.key` in the data directory: what the hashes of tokens are made with, independent of the ring
 * beside it. 32 bytes as they are, of the first generation; after a rotation lines `generation:base64`, the
 * former one with the time until which it counts. Replaced only as a whole, like the ring.
 */
export interface PepperFile {
  /** `mayMake` false: something was hashed already, so a missing file is a lost one. */
  load(options: { readonly mayMake: boolean }): Promise<Peppers>;
  /** Throws what `load` would, and for a missing file. */
  read(): Peppers;
  /** Another text for another state of the file; empty when there is none. */
  stamp(): string;
  /** Alone among all writers; null leaves it as it is. */
  change(run: (peppers: Peppers) => Peppers | null): Promise<Peppers>;
}

export interface Peppers {
  readonly active: Pepper;
  readonly former: (Pepper & { readonly untilMs: number }) | null;
}

/** The message says which file and what to do. */
export class LostSecretError extends Error {
  override readonly name = "LostSecretError";
}

export const pepperName = "token-hash.key";
const maxFileBytes = 4096;
const maxGeneration = 2 ** 31 - 1;

export function makePepperFile(directory: string, random: Random): PepperFile {
  const file = join(directory, pepperName);

  function read(): Peppers {
    requirePrivate(file, "file");
    const peppers = statSync(file).size > maxFileBytes ? null : parsePeppers(readFileSync(file));
    if (peppers !== null) return peppers;
    throw new LostSecretError(
      `the file ${file} is damaged: restore it from a backup, or remove it with hub.db and begin anew`,
    );
  }

  const exists = (): boolean => statSync(file, { throwIfNoEntry: false }) !== undefined;
  const alone = <T>(run: () => T): Promise<T> =>
    lockKeyFiles(directory, () => {
      dropLeftovers(directory, pepperName);
      return Promise.resolve(run());
    });

  return {
    async load({ mayMake }) {
      if (!exists()) {
        if (!mayMake) {
          throw new LostSecretError(
            `the file ${file} is missing, and no login and no worker in the database is known without it: restore it from a backup`,
          );
        }
        await alone(() => {
          if (!exists()) replacePrivateFile(directory, pepperName, random(keyBytes));
        });
      }
      return read();
    },

    read,

    stamp() {
      const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
      return stats === undefined ? "" : `${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.mode}`;
    },

    change: (run) =>
      alone(() => {
        const former = read();
        const changed = run(former);
        if (changed === null) return former;
        replacePrivateFile(directory, pepperName, formatPeppers(changed));
        return changed;
      }),
  };
}

/** The next generation. `graceMs` 0: the former one is worth nothing from now on. */
export function rotatePepper(
  { active }: Peppers,
  key: Uint8Array,
  { graceMs, nowMs }: { readonly graceMs: number; readonly nowMs: number },
): Peppers {
  return {
    active: { generation: active.generation + 1, key },
    former: graceMs > 0 ? { ...active, untilMs: nowMs + graceMs } : null,
  };
}

function formatPeppers({ active, former }: Peppers): string {
  const lineOf = ({ generation, key }: Pepper) =>
    `${generation}:${Buffer.from(key).toString("base64")}`;
  const head =
    "# Hashes tokens of hub.db. Back it up apart from the database; never edit or share it.";
  const last = former === null ? "" : `${lineOf(former)} until=${former.untilMs}\n`;
  return `${head}\n${lineOf(active)}\n${last}`;
}

/** Null for what is damaged. */
export function parsePeppers(bytes: Uint8Array): Peppers | null {
  if (bytes.length === keyBytes) {
    return { active: { generation: 1, key: new Uint8Array(bytes) }, former: null };
  }
  const lines = Buffer.from(bytes)
    .toString("latin1")
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*$/, "").trim())
    .filter((line) => line !== "");
  const parsed = lines.map(parseLine);
  const [active, former] = parsed;
  if (active == null || active.untilMs !== null || parsed.length > 2) return null;
  if (former === undefined) return { active, former: null };
  if (former?.untilMs == null || former.generation !== active.generation - 1) return null;
  return { active, former: { ...former, untilMs: former.untilMs } };
}

function parseLine(line: string): (Pepper & { readonly untilMs: number | null }) | null {
  const [, digits = "", encoded = "", until] =
    /^([1-9]\d{0,9}):([A-Za-z0-9+/]{43}=)(?: until=(\d{1,15}))?$/.exec(line) ?? [];
  const key = Buffer.from(encoded, "base64");
  const generation = Number(digits);
  if (digits === "" || generation > maxGeneration || key.toString("base64") !== encoded)
    return null;
  return {
    generation,
    key: new Uint8Array(key),
    untilMs: until === undefined ? null : Number(until),
  };
}
