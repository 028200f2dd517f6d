import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** Replaces a 0600 file so that after a crash either the old or the new content is there, whole. */
export function writePrivateFile(path: string, content: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  rmSync(temporary, { force: true });
  const file = openSync(temporary, "wx", 0o600);
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  // The rename itself lasts only once the directory is on disk.
  syncDirectory(path);
}

/** Gone for good once this returns; fine where it is not there. */
export function removePrivateFile(path: string): void {
  rmSync(path, { force: true });
  syncDirectory(path);
}

/** What was renamed or removed in the directory of this path is so for good. */
export function syncDirectory(path: string): void {
  const directory = openSync(dirname(path), "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
