import { createHash } from "node:crypto";
import { createReadStream, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { restoreMark } from "../store/open-store.ts";

/** The database, which is copied by SQLite itself. */
export const databaseName = "hub.db";
export const manifestName = "manifest.json";
/** In the data directory: when the last backup was made, for the doctor. */
export const lastBackupName = "last-backup.json";

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

/** Of the contents, what is copied beside the database: keys. Copies of former versions and half-written files are not. */
export function keyFilesOf(dataDir: string): string[] {
  return contentsOf(dataDir).filter(
    (name) => !name.startsWith(databaseName) && !name.endsWith(".new"),
  );
}

/** Hex, without holding the file in memory. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const part of createReadStream(path)) hash.update(part as Buffer);
  return hash.digest("hex");
}
