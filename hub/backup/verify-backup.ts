import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { inspectDatabase } from "../store/inspect-database.ts";
import { databaseName, manifestName, sha256Of } from "./backup-files.ts";
import { BackupError, readManifest, type BackupManifest } from "./backup-manifest.ts";
import { checkKeysFit } from "./check-keys-fit.ts";

/**
 * That a backup is what was made: every file of the manifest there and unaltered, no other one beside them, the
 * database whole and not newer than this program, and every sealed value opens with the keys beside it. Throws a
 * BackupError, or what the keys throw, that says what is not.
 */
export async function verifyBackup(directory: string): Promise<BackupManifest> {
  const manifest = readManifest(directory);
  const named = new Set([manifestName, ...manifest.files.map(({ name }) => name)]);
  const unknown = readdirSync(directory).find((name) => !named.has(name));
  if (unknown !== undefined) {
    throw new BackupError(
      `${directory} holds ${JSON.stringify(unknown)}, which is not of this backup`,
    );
  }
  if (!named.has(databaseName)) throw new BackupError(`${directory} holds no ${databaseName}`);
  for (const { name, bytes, sha256 } of manifest.files) {
    const path = join(directory, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats?.isFile() !== true) throw new BackupError(`${path} is missing`);
    if (stats.size !== bytes || (await sha256Of(path)) !== sha256) {
      throw new BackupError(`${path} was altered: it is not the file that was backed up`);
    }
  }
  const { faults, unknown: newer } = await inspectDatabase(join(directory, databaseName));
  if (faults.length > 0) {
    throw new BackupError(`the database of ${directory} is damaged: ${faults.join("; ")}`);
  }
  if (newer.length > 0) {
    throw new BackupError(
      `the database of ${directory} is of a newer version (${newer.join(", ")}): install LeapMux ${manifest.version} first`,
    );
  }
  await checkKeysFit(directory);
  return manifest;
}
