import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { checkPrivatePath } from "@leapmux/shared/platform/check-private-path.ts";

/**
 * Files and directories that only their owner may read: made so, and refused when somebody widened them,
 * because then others may have read them already.
 */
export function openPrivateDirectory(directory: string): void {
  if (!existsSync(directory)) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    // The umask can only have narrowed it; this widens nothing.
    chmodSync(directory, 0o700);
  }
  requirePrivate(directory, "directory");
}

export function requirePrivate(path: string, what: "file" | "directory"): void {
  const userId = process.getuid?.();
  checkPrivatePath({ path, what, own: lstatSync(path), target: statSync(path), userId });
}

/** 32 secret bytes in a file of their own: read, or made at first use and put in place in one step. */
export function loadSecretFile(directory: string, name: string): Uint8Array {
  const file = join(directory, name);
  if (!existsSync(file)) {
    const fresh = `${file}.new`;
    writeFileSync(fresh, randomBytes(32), { mode: 0o600 });
    renameSync(fresh, file);
  }
  requirePrivate(file, "file");
  const secret = readFileSync(file);
  if (secret.length !== 32) {
    throw new Error(
      `the file ${file} is damaged: restore it from a backup, or remove it and register the workers anew`,
    );
  }
  return secret;
}
