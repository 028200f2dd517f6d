import { lstatSync, unlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { DatabaseSync } from "node:sqlite";

/** Sockets in the file system: for this user alone, of one hub at a time, and gone when it is. */

export type SocketPlaceErrorCode =
  /** Another hub, or another program, serves there. */
  | "taken"
  /** A file of another kind is there; it stays. */
  | "no_socket"
  | "no_directory"
  | "no_permission"
  | "unusable";

/** There can be no socket at the path. `cause` is what the operating system said. */
export class SocketPlaceError extends Error {
  override readonly name = "SocketPlaceError";
  readonly code: SocketPlaceErrorCode;
  readonly path: string;

  constructor(code: SocketPlaceErrorCode, path: string, cause?: unknown) {
    super(`no socket at ${path}: ${code}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.path = path;
  }
}

/**
 * Claims the path for this process, and clears away what a hub that was killed left there. Between looking at
 * such a socket and taking its place another hub could do the same, and each could take it from the other. So
 * the claim is a lock of the operating system on `PATH.lock`, through SQLite, and ends with the process, however
 * that ends. The empty file stays: removing it would let two lock two files. Returns what gives the path up.
 */
export async function claimSocketPath(path: string): Promise<() => void> {
  const release = lock(`${path}.lock`, path);
  try {
    await removeStaleSocket(path);
    return release;
  } catch (error) {
    release();
    throw describeSocketError(path, error);
  }
}

/** Whatever `bind` makes gets mode 0600 from its first moment on: Node binds before it returns. */
export function bindPrivately(bind: () => void): void {
  const former = process.umask(0o177);
  try {
    bind();
  } finally {
    process.umask(former);
  }
}

export function describeSocketError(path: string, error: unknown): SocketPlaceError {
  if (error instanceof SocketPlaceError) return error;
  const said = error instanceof Error && "code" in error ? String(error.code) : "";
  return new SocketPlaceError(codes[said] ?? "unusable", path, error);
}

const codes: Readonly<Record<string, SocketPlaceErrorCode>> = {
  EADDRINUSE: "taken",
  ENOENT: "no_directory",
  ENOTDIR: "no_directory",
  EACCES: "no_permission",
  EPERM: "no_permission",
  EROFS: "no_permission",
};

/** As of SQLite. */
const busy = 5;

function lock(lockFile: string, path: string): () => void {
  let database: DatabaseSync | undefined;
  try {
    const found = lstatSync(lockFile, { throwIfNoEntry: false });
    // In a directory of many somebody could put a link there, and have us open what it leads to.
    if (found && !found.isFile()) throw new SocketPlaceError("no_permission", path);
    if (!found) writeFileSync(lockFile, "", { mode: 0o600, flag: "wx" });
    database = new DatabaseSync(lockFile);
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database?.close();
    const isBusy = error instanceof Error && "errcode" in error && error.errcode === busy;
    throw isBusy ? new SocketPlaceError("taken", path, error) : describeSocketError(path, error);
  }
  const held = database;
  return () => {
    if (held.isOpen) held.close();
  };
}

/** One that somebody still answers on stays, and so does any other file. */
async function removeStaleSocket(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isSocket()) throw new SocketPlaceError("no_socket", path);
  const isAnswered = await new Promise<boolean>((resolve) => {
    const socket = connect({ path });
    socket.once("connect", () => resolve(true));
    socket.once("error", (error) => {
      resolve(!("code" in error && error.code === "ECONNREFUSED"));
    });
    socket.once("connect", () => socket.destroy());
  });
  if (isAnswered) throw new SocketPlaceError("taken", path);
  unlinkSync(path);
}
