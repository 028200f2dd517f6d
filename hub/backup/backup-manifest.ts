import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { bundleName, databaseName, isKeyFileName, manifestName } from "./backup-files.ts";

/** What a backup holds, in `manifest.json` beside its files; written last, so that with it the rest is whole. */
export interface BackupManifest {
  readonly format: 1;
  readonly made_at: string;
  /** Of the program that made it. */
  readonly version: string;
  /** The newest migration of the database. */
  readonly schema: string;
  readonly files: readonly BackupFile[];
}

export interface BackupFile {
  readonly name: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** The message says which directory, what is wrong with it and what to do. */
export class BackupError extends Error {
  override readonly name = "BackupError";
}

const maxManifestBytes = 64 * 1024;
const maxFiles = 64;

/** Of a directory that may have been anywhere: a name with a path in it is refused. */
export function readManifest(directory: string): BackupManifest {
  const path = join(directory, manifestName);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new BackupError(`${directory} is no backup, or one that did not end: it has no manifest`);
  }
  const manifest =
    statSync(path).size > maxManifestBytes ? null : parse(readFileSync(path, "utf8"));
  if (manifest === null) throw new BackupError(`the manifest of ${directory} cannot be read`);
  return manifest;
}

function parse(text: string): BackupManifest | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const { format, made_at, version, schema, files } = (value ?? {}) as Record<string, unknown>;
  const isWhole =
    format === 1 &&
    typeof made_at === "string" &&
    typeof version === "string" &&
    typeof schema === "string" &&
    Array.isArray(files) &&
    files.length <= maxFiles &&
    files.every(isFile) &&
    new Set(files.map(({ name }) => name)).size === files.length;
  return isWhole ? { format, made_at, version, schema, files } : null;
}

function isFile(value: unknown): value is BackupFile {
  const { name, bytes, sha256 } = (value ?? {}) as Record<string, unknown>;
  return (
    typeof name === "string" &&
    (name === databaseName || name === bundleName || isKeyFileName(name)) &&
    Number.isSafeInteger(bytes) &&
    typeof sha256 === "string" &&
    /^[0-9a-f]{64}$/.test(sha256)
  );
}
