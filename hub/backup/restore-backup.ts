import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { flush } from "../store/keep-former.ts";
import { restoreMark } from "../store/open-store.ts";
import { replacePrivateFile, requirePrivate } from "../store/private-files.ts";
import { contentsOf, databaseName, sha256Of } from "./backup-files.ts";
import { BackupError, type BackupManifest } from "./backup-manifest.ts";
import { verifyBackup, type Unlocking } from "./verify-backup.ts";

export interface Restored {
  readonly manifest: BackupManifest;
  /** Where what was there before is now; null when there was nothing. */
  readonly aside: string | null;
}

/**
 * Puts a backup in the place of what a data directory holds, which is moved aside and never deleted. The caller
 * holds the lock of the directory. Between the first step and the last a mark is there with which no hub starts;
 * whatever cuts it off, the same call again brings it to its end:
 *
 *   mark "moving" ─ move all aside ─ mark "copying" ─ copy, check, settle ─ remove the mark
 *
 * While moving every file that is there is of before; while copying every one is a copy.
 */
export async function restoreBackup(options: {
  readonly from: string;
  readonly dataDir: string;
  readonly unlocking: Unlocking;
  readonly wallMs: () => number;
  /** Changes the database of the copy before anybody can start on it: ends logins that had been ended since. */
  readonly settle: (dataDir: string) => Promise<void>;
}): Promise<Restored> {
  const { from, dataDir, unlocking, wallMs, settle } = options;
  requirePrivate(dataDir, "directory");
  const { manifest, keys } = await verifyBackup(from, unlocking);

  const mark = readMark(dataDir) ?? {
    phase: "moving" as const,
    aside: freshAside(dataDir, wallMs()),
  };
  const aside = join(dataDir, mark.aside);
  if (mark.phase === "moving") {
    writeMark(dataDir, mark);
    for (const name of contentsOf(dataDir)) {
      if (!existsSync(aside)) mkdirSync(aside, { mode: 0o700 });
      renameSync(join(dataDir, name), join(aside, name));
    }
    if (existsSync(aside)) flush(aside);
    writeMark(dataDir, { ...mark, phase: "copying" });
  }
  // Of an attempt that was cut off, the companions of its database included.
  for (const name of contentsOf(dataDir)) rmSync(join(dataDir, name));
  for (const [name, bytes] of keys) replacePrivateFile(dataDir, name, bytes);
  const database = join(dataDir, databaseName);
  copyFileSync(join(from, databaseName), database);
  chmodSync(database, 0o600);
  flush(database);
  const made = manifest.files.find(({ name }) => name === databaseName);
  if ((await sha256Of(database)) !== made?.sha256) {
    throw new BackupError(
      `${database} came out differently than the backup: look at the disk, and restore again`,
    );
  }
  await settle(dataDir);
  flush(dataDir);
  rmSync(join(dataDir, restoreMark));
  flush(dataDir);
  return { manifest, aside: existsSync(aside) ? aside : null };
}

/** Nothing is ever moved into what an earlier restore moved aside. */
function freshAside(dataDir: string, nowMs: number): string {
  const name = `before-restore-${new Date(nowMs).toISOString().replaceAll(/[:.]/g, "-")}`;
  for (let count = 1; ; count += 1) {
    const aside = count === 1 ? name : `${name}-${count}`;
    if (!existsSync(join(dataDir, aside))) return aside;
  }
}

interface Mark {
  readonly phase: "moving" | "copying";
  readonly aside: string;
}

function readMark(dataDir: string): Mark | null {
  const path = join(dataDir, restoreMark);
  if (!existsSync(path)) return null;
  const [, phase, aside] =
    /^(moving|copying) (before-restore-[\w-]{1,40})\n$/.exec(readFileSync(path, "utf8")) ?? [];
  if (phase === undefined || aside === undefined) {
    throw new BackupError(
      `${path} cannot be read: move what is in ${dataDir} elsewhere, and restore into an empty directory`,
    );
  }
  return { phase: phase === "moving" ? "moving" : "copying", aside };
}

function writeMark(dataDir: string, { phase, aside }: Mark): void {
  const path = join(dataDir, restoreMark);
  writeFileSync(`${path}.new`, `${phase} ${aside}\n`, { mode: 0o600 });
  flush(`${path}.new`);
  renameSync(`${path}.new`, path);
  flush(dataDir);
}
