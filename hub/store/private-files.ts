import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { checkPrivatePath } from "@leapmux/shared/platform/check-private-path.ts";

/**
 * Files that only their owner may read, in directories that others may list at most: made so, and refused when
 * somebody widened them, because then others may have read them already.
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
  const [own, target] = [lstatSync(path), statSync(path)];
  checkPrivatePath({ path, what, own, target, userId, groupMayList: true });
}

/**
 * In place in one step: after a crash at any moment the file is the former or this one, whole, and when this
 * returns it is this one, whatever happens to the host.
 */
export function replacePrivateFile(
  directory: string,
  name: string,
  content: string | Uint8Array,
): void {
  putInPlace(directory, name, content, renameSync);
}

/** The same, but never over one that is there: whoever was first counts. */
export function createPrivateFile(
  directory: string,
  name: string,
  content: string | Uint8Array,
): void {
  putInPlace(directory, name, content, (fresh, file) => {
    try {
      linkSync(fresh, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    rmSync(fresh, { force: true });
  });
}

function putInPlace(
  directory: string,
  name: string,
  content: string | Uint8Array,
  put: (fresh: string, file: string) => void,
): void {
  const file = join(directory, name);
  const fresh = `${file}.${randomBytes(8).toString("hex")}.new`;
  try {
    const descriptor = openSync(fresh, "wx", 0o600);
    try {
      writeAll(descriptor, Buffer.from(content));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    put(fresh, file);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
  flushDirectory(directory);
}

/** What either left behind where it was killed. Only while nobody else writes this file. */
export function dropLeftovers(directory: string, name: string): void {
  for (const entry of readdirSync(directory)) {
    const isLeftover =
      entry.startsWith(`${name}.`) && /^[0-9a-f]{16}\.new$/.test(entry.slice(name.length + 1));
    if (isLeftover) rmSync(join(directory, entry), { force: true });
  }
}

function writeAll(descriptor: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length;) {
    written += writeSync(descriptor, bytes, written);
  }
}

export function flushDirectory(directory: string): void {
  const descriptor = openSync(directory, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
