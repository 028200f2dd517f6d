import { createHash } from "node:crypto";
import { createReadStream, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { restoreMark } from "../store/open-store.ts";
import { requirePrivate } from "../store/private-files.ts";

/** The database, which is copied by SQLite itself. */
export const databaseName = "hub.db";
export const manifestName = "manifest.json";
/** In a backup, in the place of the key files: all of them under a passphrase. */
export const bundleName = "keys.wrapped";
/** In the data directory: when the last backup was made, for the doctor. */
export const lastBackupName = "last-backup.json";

/** Files with keys by their names, as they are in the data directory. */
export type KeyFiles = ReadonlyMap<string, Uint8Array>;

/** What belongs to a place and not to what is kept there. */
const ofThePlace: ReadonlySet<string> = new Set([
  "lock",
  "lock-holder",
  "keys.lock",
  restoreMark,
  `${restoreMark}.new`,
  lastBackupName,
]);

/** Plain files of a data directory that are its contents; sockets, locks and directories are not. */
export function contentsOf(dataDir: string): string[] {
  return readdirSync(dataDir)
    .filter((name) => !ofThePlace.has(name) && lstatSync(join(dataDir, name)).isFile())
    .sort();
}

/** Whether a file of this name may hold keys. Copies of former databases and half-written files do not. */
export function isKeyFileName(name: string): boolean {
  return (
    /^[\w-][\w.-]{0,99}$/.test(name) &&
    !ofThePlace.has(name) &&
    !name.startsWith(databaseName) &&
    !name.endsWith(".new") &&
    name !== manifestName &&
    name !== bundleName
  );
}

export function readKeyFiles(dataDir: string): KeyFiles {
  return new Map(
    contentsOf(dataDir)
      .filter(isKeyFileName)
      .map((name) => {
        const path = join(dataDir, name);
        requirePrivate(path, "file");
        return [name, new Uint8Array(readFileSync(path))];
      }),
  );
}

/** Hex, without holding the file in memory. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const part of createReadStream(path)) hash.update(part as Buffer);
  return hash.digest("hex");
}
