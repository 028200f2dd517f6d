import { existsSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { inspectDatabase } from "@leapmux/hub/store/inspect-database.ts";
import { describe, type Finding, note, ok, problem } from "./finding.ts";

const fromBackup = "stop the hub and restore the last backup: leapmux admin backup restore DIR";

/** Of a hub: whole, and of a version that this program knows. A hub may be running on it. */
export async function checkHubDatabase(dataDir: string): Promise<Finding[]> {
  const file = path.join(dataDir, "hub.db");
  if (!existsSync(file)) {
    return [note("database", `no hub has run here: there is no ${file}`)];
  }
  try {
    const { faults, unknown, pending, version } = await inspectDatabase(file);
    if (faults.length > 0) {
      return [problem("database", `hub.db is damaged: ${faults.join("; ")}`, fromBackup)];
    }
    const findings = [ok("database", `hub.db is whole, of version ${version ?? "none"}`)];
    if (unknown.length > 0) {
      const sentence = `hub.db is of a newer version of LeapMux (${unknown.join(", ")})`;
      const remedy = "install that version again; docs/operating.md says how to go back";
      findings.push(problem("schema", sentence, remedy));
    } else if (pending.length > 0) {
      const sentence = `the next start brings hub.db up to date (${pending.join(", ")})`;
      findings.push(note("schema", sentence, remedyOfPending));
    }
    return findings;
  } catch (error) {
    return [problem("database", `hub.db cannot be read (${describe(error)})`, fromBackup)];
  }
}

const remedyOfPending = "it copies it beside itself first; a backup before is better still";

/** `worker.db` is not worth a backup: it holds screens and who is trusted. */
export function checkWorkerDatabase(dataDir: string): Finding[] {
  const file = path.join(dataDir, "worker.db");
  if (!existsSync(file)) return [note("database", `no worker has run here: there is no ${file}`)];
  const remedy = `stop the worker and move ${file} away; devices have to be approved again (docs/devices.md)`;
  try {
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      const rows = database.prepare("PRAGMA integrity_check(20)").all();
      const faults = rows
        .map((row) => String(row["integrity_check"]))
        .filter((text) => text !== "ok");
      return faults.length === 0
        ? [ok("database", "worker.db is whole")]
        : [problem("database", `worker.db is damaged: ${faults.join("; ")}`, remedy)];
    } finally {
      database.close();
    }
  } catch (error) {
    return [problem("database", `worker.db cannot be read (${describe(error)})`, remedy)];
  }
}
