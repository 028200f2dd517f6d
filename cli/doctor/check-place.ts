// Everything about one data directory: which checks there are for each kind, and in which order.
import { existsSync } from "node:fs";
import path from "node:path";
import type { Wrapping } from "@leapmux/hub/keystore/wrapping-key.ts";
import { urlOf } from "@leapmux/hub/ops/listen-address.ts";
import type { ListenAddress } from "../config/value-types.ts";
import { checkBackup } from "./check-backup.ts";
import { checkHubDatabase, checkWorkerDatabase } from "./check-database.ts";
import { checkDisk } from "./check-disk.ts";
import { checkKeys } from "./check-keys.ts";
import { checkOutside } from "./check-outside.ts";
import { belongsToUs, checkPermissions } from "./check-permissions.ts";
import { checkAnswers, checkLock } from "./check-running.ts";
import { checkLink, checkWorkerState } from "./check-worker.ts";
import type { DoctorLimits } from "./doctor-limits.ts";
import { type Finding, problem } from "./finding.ts";
import type { Probe } from "./probe.ts";

export interface Look {
  readonly limits: DoctorLimits;
  readonly probe: Probe;
  readonly nowMs: () => number;
  readonly version: string;
}

export interface HubPlace {
  readonly dataDir: string;
  readonly listen: ListenAddress;
  readonly wrapping: Wrapping;
  /** Whether it holds what is worth a backup. */
  readonly needsBackup: boolean;
}

export async function checkHubPlace(place: HubPlace, look: Look): Promise<Finding[]> {
  const { dataDir, listen } = place;
  const { limits, probe, version } = look;
  const stranger = findStranger(dataDir);
  if (stranger !== null) return [stranger];
  const { inUse, ...running } = checkLock(dataDir, "hub");
  return [
    ...checkPermissions(dataDir, true),
    ...checkDisk(dataDir, limits),
    running,
    ...(inUse ? await checkAnswers(urlOf(listen.host, listen.port), probe, version) : []),
    ...(await checkHubDatabase(dataDir)),
    ...(await checkKept(place, look)),
  ];
}

/** What there is once a hub has run. */
async function checkKept(
  { dataDir, wrapping, needsBackup }: HubPlace,
  { limits, nowMs }: Look,
): Promise<Finding[]> {
  const backup = checkBackup(dataDir, limits, nowMs());
  const isRestoring = backup.some(({ check }) => check === "restore");
  if (isRestoring) return backup;
  if (!existsSync(path.join(dataDir, "hub.db"))) return [];
  const keys = await checkKeys(dataDir, wrapping, limits, nowMs());
  return needsBackup ? [...keys, ...backup] : keys;
}

export async function checkWorkerPlace(
  { dataDir, isBundled, hub }: { dataDir: string; isBundled: boolean; hub: string | null },
  look: Look,
): Promise<Finding[]> {
  const stranger = findStranger(dataDir);
  if (stranger !== null) return [stranger];
  const { inUse: _, ...running } = checkLock(dataDir, "worker");
  return [
    ...checkPermissions(dataDir, false),
    ...checkDisk(dataDir, look.limits),
    running,
    ...checkWorkerState(dataDir, isBundled),
    ...checkWorkerDatabase(dataDir),
    ...(isBundled ? [] : checkLink(dataDir)),
    ...(hub?.startsWith("http") === true ? await checkOutside({ url: hub, ...look }) : []),
  ];
}

/** As another user nothing is looked at: files that a look leaves behind would be theirs. */
function findStranger(dataDir: string): Finding | null {
  if (!existsSync(dataDir)) {
    const remedy = "name the right one with --data-dir";
    return problem("data_dir", `there is no directory ${dataDir}`, remedy);
  }
  if (belongsToUs(dataDir)) return null;
  const remedy = `sudo -u "$(stat -c %U ${path.resolve(dataDir)})" leapmux doctor`;
  return problem("data_dir", `${dataDir} belongs to another user of this machine`, remedy);
}
