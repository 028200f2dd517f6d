// A data directory holds private keys: it belongs to us, nobody else may look into it, and one process
// at a time uses it. The lock is one of the operating system (through SQLite) and so ends with the
// process, however that ends; the number of the process is noted only for the message.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CommandError } from "./command-error.ts";

export interface DataDir {
  readonly path: string;
  release(): void;
}

/** Makes the directory where it is missing, checks who may read it, and locks it. */
export function takeDataDir(dir: string): DataDir {
  prepare(dir);
  const release = lock(dir);
  return { path: dir, release };
}

function prepare(dir: string): void {
  try {
    makeDir(dir);
  } catch (error) {
    throw unusable(dir, error);
  }
  const stats = statSync(dir);
  if (!stats.isDirectory()) {
    throw new CommandError(
      "failure",
      `the data directory ${dir} is a file`,
      "Choose another one with --data-dir.",
    );
  }
  if (process.getuid !== undefined && stats.uid !== process.getuid()) {
    throw new CommandError(
      "failure",
      `the data directory ${dir} belongs to another user of this machine`,
      "Choose another one with --data-dir.",
    );
  }
  if ((stats.mode & 0o077) !== 0) {
    const octal = (stats.mode & 0o777).toString(8).padStart(4, "0");
    throw new CommandError(
      "failure",
      `the data directory ${dir} is open to other users of this machine (mode ${octal}), and private keys live there`,
      `Close it with \`chmod 700 ${dir}\` or choose another one with --data-dir.`,
    );
  }
}

/** Parents too. By hand: Node's own recursion never ends where a parent exists but takes no children (/proc). */
function makeDir(dir: string): void {
  if (existsSync(dir)) return;
  makeDir(path.dirname(dir));
  mkdirSync(dir, { mode: 0o700 });
}

function lock(dir: string): () => void {
  const lockFile = path.join(dir, "lock");
  const noteFile = path.join(dir, "lock-holder");
  let database: DatabaseSync | undefined;
  try {
    // Made by hand, so that its mode is ours and not SQLite's.
    if (!existsSync(lockFile)) writeFileSync(lockFile, "", { mode: 0o600 });
    database = new DatabaseSync(lockFile);
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    writeFileSync(noteFile, String(process.pid), { mode: 0o600 });
  } catch (error) {
    database?.close();
    if (!isLocked(error)) throw unusable(dir, error);
    throw new CommandError(
      "failure",
      `the data directory ${dir} is in use by another LeapMux${holder(noteFile)}`,
      "Stop that one, or choose another directory with --data-dir.",
    );
  }
  const held = database;
  return () => held.close();
}

function isLocked(error: unknown): boolean {
  const sqliteBusy = 5;
  return error instanceof Error && "errcode" in error && error.errcode === sqliteBusy;
}

function holder(noteFile: string): string {
  try {
    const pid = Number(readFileSync(noteFile, "utf8"));
    return Number.isInteger(pid) && pid > 0 ? ` (process ${pid})` : "";
  } catch {
    return "";
  }
}

function unusable(dir: string, error: unknown): CommandError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
  return new CommandError(
    "failure",
    `the data directory ${dir} cannot be used (${code})`,
    "Choose one that you may write to with --data-dir.",
    error,
  );
}
