import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Wrapping } from "../keystore/wrapping-key.ts";
import { inspectDatabase } from "../store/inspect-database.ts";
import { copyDatabase, flush } from "../store/keep-former.ts";
import { replacePrivateFile, requirePrivate } from "../store/private-files.ts";
import {
  bundleName,
  databaseName,
  lastBackupName,
  manifestName,
  readKeyFiles,
  sha256Of,
  type KeyFiles,
} from "./backup-files.ts";
import { BackupError, type BackupFile, type BackupManifest } from "./backup-manifest.ts";
import { checkKeysFit } from "./check-keys-fit.ts";
import { wrapKeyFiles } from "./wrap-key-files.ts";

/** How often the keys may change while the database is copied. */
const maxAttempts = 5;
const randomOf = (length: number) => new Uint8Array(randomBytes(length));

/**
 * Copies a hub's database and keys into a new directory, with the hub running or not. Database and keys fit:
 * keys that changed while the database was being copied make it begin again, and at the end every sealed value of
 * the copy has opened with the keys of the copy. The directory appears under its name when it is whole; what was
 * cut off before that is a directory named `….partial-…`.
 */
export async function createBackup(options: {
  readonly dataDir: string;
  /** Does not exist, or is empty. */
  readonly target: string;
  readonly version: string;
  /** Of the ring, as the hub is configured: needed to check that it fits, and kept as it is. */
  readonly wrapping: Wrapping;
  /** Null: keys lie in the backup as they do in the data directory. */
  readonly passphrase: string | null;
  readonly wallMs: () => number;
}): Promise<BackupManifest> {
  const { dataDir, version, wrapping, passphrase, wallMs } = options;
  const target = resolve(options.target);
  requirePrivate(dataDir, "directory");
  const source = join(dataDir, databaseName);
  if (!existsSync(source))
    throw new BackupError(`${dataDir} holds no hub: there is no ${databaseName}`);
  if (existsSync(target) && (!statSync(target).isDirectory() || readdirSync(target).length > 0)) {
    throw new BackupError(`${target} is there already: name a directory that is not`);
  }
  if (!existsSync(dirname(target))) {
    throw new BackupError(`${dirname(target)} does not exist: make it first`);
  }
  // In the same directory, so that it is renamed and not copied; 0700 from the start.
  const partial = mkdtempSync(join(dirname(target), `${basename(target)}.partial-`));
  try {
    const keys = await copyPair(dataDir, partial);
    const file = join(partial, databaseName);
    const { version: schema, faults } = await inspectDatabase(file);
    if (faults.length > 0) {
      throw new BackupError(`the database of ${dataDir} is damaged: ${faults.join("; ")}`);
    }
    await checkKeysFit({ file, keys, wrapping, place: dataDir });
    if (passphrase === null) {
      for (const [name, bytes] of keys) replacePrivateFile(partial, name, bytes);
    } else {
      const bundle = await wrapKeyFiles(keys, passphrase, randomOf);
      replacePrivateFile(partial, bundleName, bundle);
    }
    const files: BackupFile[] = [];
    for (const name of readdirSync(partial).sort()) {
      const path = join(partial, name);
      files.push({ name, bytes: statSync(path).size, sha256: await sha256Of(path) });
    }
    const madeAtMs = wallMs();
    const manifest: BackupManifest = {
      format: 1,
      made_at: new Date(madeAtMs).toISOString(),
      version,
      schema: schema ?? "",
      files,
    };
    replacePrivateFile(partial, manifestName, `${JSON.stringify(manifest, null, 2)}\n`);
    if (existsSync(target)) rmdirSync(target);
    renameSync(partial, target);
    flush(dirname(target));
    const last = { made_at: manifest.made_at };
    replacePrivateFile(dataDir, lastBackupName, `${JSON.stringify(last)}\n`);
    return manifest;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** The keys are read before and after: a ring that grew or shrank meanwhile may not fit the database. */
async function copyPair(dataDir: string, partial: string): Promise<KeyFiles> {
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const before = readKeyFiles(dataDir);
    await copyDatabase(join(dataDir, databaseName), join(partial, databaseName));
    if (isDeepStrictEqual(readKeyFiles(dataDir), before)) return before;
  }
  throw new BackupError("the keys changed again and again while they were copied: try later");
}
