import { mkdirSync, statSync, type Stats } from "node:fs";
import { StateError } from "./state-error.ts";

/** Makes the directory where it is missing, as 0700; refuses one that others may enter. */
export function ensurePrivateDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  refuseWider(path, statSync(path), "700");
}

/** Keys are readable by their owner alone, or not used at all (threat model: local user on a shared host). */
export function checkPrivateFile(path: string): void {
  refuseWider(path, statSync(path), "600");
}

function refuseWider(path: string, stats: Stats, wanted: "600" | "700"): void {
  const ownUserId = process.getuid?.();
  if (ownUserId !== undefined && stats.uid !== ownUserId) {
    throw new StateError("not_ours", `${path} belongs to another user of this machine`);
  }
  if ((stats.mode & 0o077) !== 0) {
    const mode = (stats.mode & 0o777).toString(8);
    throw new StateError(
      "too_open",
      `${path} is open to other users (mode ${mode}). Run: chmod ${wanted} ${quote(path)}`,
    );
  }
}

function quote(path: string): string {
  return /^[\w./@%+=:,-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
