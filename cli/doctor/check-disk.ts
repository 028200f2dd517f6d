import { statfsSync } from "node:fs";
import type { DoctorLimits } from "./doctor-limits.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

/** Where a full disk stops a hub: every log-in writes. */
export function checkDisk(dataDir: string, limits: DoctorLimits): Finding[] {
  const { bavail, bsize, files, ffree } = statfsSync(dataDir);
  const freeBytes = bavail * bsize;
  const mebibytes = Math.floor(freeBytes / 1024 ** 2);
  const sentence = `${mebibytes} MiB are free on the disk of ${dataDir}`;
  const remedy = `free some, or move the data directory: df -h ${dataDir}`;
  if (freeBytes < limits.leastFreeBytes) return [problem("disk", sentence, remedy)];
  if (freeBytes < limits.fewFreeBytes) return [warning("disk", sentence, remedy)];
  // Some file systems count none.
  if (files > 0 && ffree / files < 0.01) {
    return [warning("disk", "there are hardly any inodes left", `df -i ${dataDir}`)];
  }
  return [ok("disk", sentence)];
}
