// A data directory holds private keys: it belongs to us, nobody else may look into it, and one process
// at a time uses it. The lock is one of the operating system (through SQLite) and so ends with the
// process, however that ends; the number of the process is noted only for the message.
import { existsSync, lstatSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { checkPrivatePath, PrivatePathError } from "@leapmux/shared/platform/check-private-path.ts";
import { CommandError } from "./command-error.ts";

export interface DataDir {
  readonly path: string;
  release(): void;
}

/**
 * Makes the directory where it is missing, checks who may read it, and locks it. `groupMayList`: of a hub, whose
 * files are each closed by themselves.
 */
export function takeDataDir(
  dir: string,
  { groupMayList = false }: { groupMayList?: boolean } = {},
): DataDir {
  prepare(dir, groupMayList);
  const release = lock(dir);
  return { path: dir, release };
}

function prepare(dir: string, groupMayList: boolean): void {
  try {
    makeDir(dir);
  } catch (error) {
    throw unusable(dir, error);
  }
  const userId = process.getuid?.();
  const [own, target] = [lstatSync(dir), statSync(dir)];
  try {
    checkPrivatePath({ path: dir, what: "directory", own, target, userId, groupMayList });
  } catch (error) {
    if (!(error instanceof PrivatePathError)) throw error;
    const next = `${error.next} Or choose another one with --data-dir.`;
    throw new CommandError("failure", `the data directory ${dir} ${error.problem}`, next, error);
  }
}

/** Parents too. By hand: Node's own recursion never ends where a parent exists but takes no children (/proc). */
export function makeDir(dir: string): void {
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
    // Who only looks whether it is locked has it for a moment.
    database = new DatabaseSync(lockFile, { timeout: 250 });
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

/** Whether a process has it, without keeping anybody from taking it. */
export function isDirectoryInUse(dir: string): boolean {
  const file = path.join(dir, "lock");
  if (!existsSync(file)) return false;
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true });
    database.prepare("SELECT count(*) FROM sqlite_master").get();
    return false;
  } catch (error) {
    return isLocked(error);
  } finally {
    database?.close();
  }
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
