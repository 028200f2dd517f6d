import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Wrapping } from "../keystore/wrapping-key.ts";
import { inspectDatabase } from "../store/inspect-database.ts";
import { bundleName, databaseName, manifestName, sha256Of, type KeyFiles } from "./backup-files.ts";
import { BackupError, readManifest, type BackupManifest } from "./backup-manifest.ts";
import { checkKeysFit } from "./check-keys-fit.ts";
import { unwrapKeyFiles } from "./wrap-key-files.ts";

export interface Verified {
  readonly manifest: BackupManifest;
  /** Unwrapped, where they were wrapped for the backup. */
  readonly keys: KeyFiles;
}

/** What opens the keys of a backup. */
export interface Unlocking {
  /** Of the ring, as the hub is configured. */
  readonly wrapping: Wrapping;
  /** Under which the backup was wrapped. */
  readonly passphrase: string | null;
}

/**
 * That a backup is what was made: every file of the manifest there and unaltered, no other one beside them, the
 * database whole and not newer than this program, and every sealed value opens with the keys beside it. Throws a
 * BackupError, or what the keys throw, that says what is not.
 */
export async function verifyBackup(directory: string, unlocking: Unlocking): Promise<Verified> {
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
  const file = join(directory, databaseName);
  const { faults, unknown: newer } = await inspectDatabase(file);
  if (faults.length > 0) {
    throw new BackupError(`the database of ${directory} is damaged: ${faults.join("; ")}`);
  }
  if (newer.length > 0) {
    throw new BackupError(
      `the database of ${directory} is of a newer version (${newer.join(", ")}): install LeapMux ${manifest.version} first`,
    );
  }
  const keys = await readKeys(directory, manifest, unlocking.passphrase);
  await checkKeysFit({ file, keys, wrapping: unlocking.wrapping, place: directory });
  return { manifest, keys };
}

async function readKeys(
  directory: string,
  { files }: BackupManifest,
  passphrase: string | null,
): Promise<KeyFiles> {
  const names = files.map(({ name }) => name).filter((name) => name !== databaseName);
  const bundle = join(directory, bundleName);
  if (names.includes(bundleName)) {
    return await unwrapKeyFiles(readFileSync(bundle, "utf8"), bundle, passphrase);
  }
  return new Map(names.map((name) => [name, new Uint8Array(readFileSync(join(directory, name)))]));
}
