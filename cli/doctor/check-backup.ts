import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { lastBackupName } from "@leapmux/hub/backup/backup-files.ts";
import { restoreMark } from "@leapmux/hub/store/open-store.ts";
import { daysOf, type DoctorLimits } from "./doctor-limits.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

const remedy = "leapmux admin backup create DIR";

/** When the last backup was made, and whether a restore came to its end. */
export function checkBackup(dataDir: string, limits: DoctorLimits, nowMs: number): Finding[] {
  if (existsSync(path.join(dataDir, restoreMark))) {
    const sentence = `a restore into ${dataDir} did not come to its end: no hub starts on it`;
    return [problem("restore", sentence, "leapmux admin backup restore DIR, with the same backup")];
  }
  const madeAtMs = readLast(path.join(dataDir, lastBackupName));
  if (madeAtMs === null) return [warning("backup", "no backup was made of this hub", remedy)];
  const days = daysOf(nowMs - madeAtMs);
  return nowMs - madeAtMs > limits.backupAgeMs
    ? [warning("backup", `the last backup is ${days} days old`, remedy)]
    : [ok("backup", `the last backup is ${days} days old`)];
}

function readLast(file: string): number | null {
  try {
    const { made_at } = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    const madeAtMs = Date.parse(String(made_at));
    return Number.isNaN(madeAtMs) ? null : madeAtMs;
  } catch {
    return null;
  }
}
