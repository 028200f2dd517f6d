import { lstatSync, mkdirSync, statSync } from "node:fs";
import { checkPrivatePath } from "@leapmux/shared/platform/check-private-path.ts";

/** Makes the directory where it is missing, as 0700; refuses one that others may enter. */
export function ensurePrivateDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  check(path, "directory");
}

/** Keys are readable by their owner alone, or not used at all (threat model: local user on a shared host). */
export function checkPrivateFile(path: string): void {
  check(path, "file");
}

function check(path: string, what: "file" | "directory"): void {
  const userId = process.getuid?.();
  checkPrivatePath({ path, what, own: lstatSync(path), target: statSync(path), userId });
}
