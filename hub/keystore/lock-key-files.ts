import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";

/** Another process, or another call, changes the keys at this moment. */
export class KeyFilesBusyError extends Error {
  override readonly name = "KeyFilesBusyError";

  constructor() {
    super(
      "the keys are being changed by somebody else at this moment: try again when that is done",
    );
  }
}

/**
 * One writer of the key files at a time, among all processes. The lock is one of the operating system (through
 * SQLite) and ends with its process, however that ends, so that none is ever left behind.
 */
export async function lockKeyFiles<T>(directory: string, run: () => Promise<T>): Promise<T> {
  const file = join(directory, "keys.lock");
  closeSync(openSync(file, "a", 0o600));
  const database = new Database(file, { timeout: 0 });
  try {
    try {
      database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "SQLITE_BUSY") {
        throw new KeyFilesBusyError();
      }
      throw error;
    }
    return await run();
  } finally {
    database.close();
  }
}
