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

/** The message says which file and what to do. */
class LostSecretError extends Error {
  override readonly name = "LostSecretError";
}

/**
 * 32 secret bytes in a file of their own: read, or made at first use and put in place in one step. `mayMake`
 * false: something was made with them already, so a missing file is a lost one, and fresh bytes would only
 * hide that.
 */
export function loadSecretFile(
  directory: string,
  name: string,
  { mayMake }: { readonly mayMake: boolean },
): Uint8Array {
  const file = join(directory, name);
  if (!existsSync(file)) {
    if (!mayMake) {
      throw new LostSecretError(
        `the file ${file} is missing, and no login and no worker in the database is known without it: restore it from a backup`,
      );
    }
    const fresh = `${file}.new`;
    writeFileSync(fresh, randomBytes(32), { mode: 0o600 });
    renameSync(fresh, file);
  }
  requirePrivate(file, "file");
  const secret = readFileSync(file);
  if (secret.length !== 32) {
    throw new LostSecretError(
      `the file ${file} is damaged: restore it from a backup, or remove it with hub.db and begin anew`,
    );
  }
  return secret;
}
