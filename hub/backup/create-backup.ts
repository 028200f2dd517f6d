import {
  copyFileSync,
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { inspectDatabase } from "../store/inspect-database.ts";
import { copyDatabase, flush } from "../store/keep-former.ts";
import { requirePrivate } from "../store/private-files.ts";
import {
  databaseName,
  keyFilesOf,
  lastBackupName,
  manifestName,
  sha256Of,
} from "./backup-files.ts";
import { BackupError, type BackupFile, type BackupManifest } from "./backup-manifest.ts";
import { checkKeysFit } from "./check-keys-fit.ts";

/** How often the keys may change while the database is copied. */
const maxAttempts = 5;

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
  readonly wallMs: () => number;
}): Promise<BackupManifest> {
  const { dataDir, version, wallMs } = options;
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
    await copyPair(dataDir, partial);
    const files: BackupFile[] = [];
    for (const name of readdirSync(partial).sort()) {
      const path = join(partial, name);
      files.push({ name, bytes: statSync(path).size, sha256: await sha256Of(path) });
    }
    const { version: schema, faults } = await inspectDatabase(join(partial, databaseName));
    if (faults.length > 0) {
      throw new BackupError(`the database of ${dataDir} is damaged: ${faults.join("; ")}`);
    }
    const madeAtMs = wallMs();
    const manifest: BackupManifest = {
      format: 1,
      made_at: new Date(madeAtMs).toISOString(),
      version,
      schema: schema ?? "",
      files,
    };
    await checkKeysFit(partial);
    writePrivate(join(partial, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
    flush(partial);
    if (existsSync(target)) rmdirSync(target);
    renameSync(partial, target);
    flush(dirname(target));
    writePrivate(
      join(dataDir, lastBackupName),
      `${JSON.stringify({ made_at: manifest.made_at })}\n`,
    );
    return manifest;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** The keys are read before and after: a ring that grew or shrank meanwhile may not fit the database. */
async function copyPair(dataDir: string, partial: string): Promise<void> {
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const before = readKeys(dataDir);
    await copyDatabase(join(dataDir, databaseName), join(partial, databaseName));
    if (readKeys(dataDir).equals(before)) {
      for (const name of keyFilesOf(dataDir)) copyPrivate(join(dataDir, name), join(partial, name));
      return;
    }
  }
  throw new BackupError("the keys changed again and again while they were copied: try later");
}

function readKeys(dataDir: string): Buffer {
  return Buffer.concat(
    keyFilesOf(dataDir).flatMap((name) => {
      const path = join(dataDir, name);
      requirePrivate(path, "file");
      return [Buffer.from(`${name}\0${statSync(path).size}\0`), readFileSync(path)];
    }),
  );
}

function copyPrivate(from: string, to: string): void {
  copyFileSync(from, to);
  chmodSync(to, 0o600);
  flush(to);
}

function writePrivate(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
  flush(path);
}
