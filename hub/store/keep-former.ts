import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import Database from "better-sqlite3";

/** How many of them stay. */
const maxFormer = 3;

/**
 * Before a database is brought to a newer version it is copied beside itself, as `hub.db.before-<migration>`:
 * whoever wants the former program back puts that file in the place of `hub.db`. Whole or not at all; one that is
 * there already, of an attempt that did not end, is the older and stays. Answers its path.
 */
export async function keepFormer(file: string, migration: string): Promise<string> {
  const copy = formerOf(file, migration);
  if (existsSync(copy)) return copy;
  await copyDatabase(file, copy);
  const directory = dirname(file);
  const prefix = `${basename(file)}.before-`;
  const former = readdirSync(directory).filter((name) => name.startsWith(prefix));
  // Migrations are numbered: the order of names is the order of versions.
  for (const name of former.sort().slice(0, -maxFormer)) rmSync(join(directory, name));
  return copy;
}

/** What was kept before this migration, or null. */
export function findFormer(file: string, migration: string): string | null {
  const copy = formerOf(file, migration);
  return existsSync(copy) ? copy : null;
}

function formerOf(file: string, migration: string): string {
  return `${file}.before-${migration}`;
}

/** A consistent copy of a database that others may be writing to, flushed before it gets its name; 0600. */
export async function copyDatabase(file: string, copy: string): Promise<void> {
  const fresh = `${copy}.new`;
  rmSync(fresh, { force: true });
  // Made before SQLite does, so that it is never wider.
  closeSync(openSync(fresh, "wx", 0o600));
  const source = new Database(file, { readonly: true, fileMustExist: true });
  try {
    await source.backup(fresh);
  } finally {
    source.close();
  }
  // One file and no companions, whoever looks at it; the hub that starts on it goes back to its log.
  const single = new Database(fresh);
  single.pragma("journal_mode = DELETE");
  single.close();
  flush(fresh);
  renameSync(fresh, copy);
  flush(dirname(copy));
}

/** A file, or the names in a directory, on the disk and not only on its way there. */
export function flush(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
