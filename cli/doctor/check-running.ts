import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { isDirectoryInUse } from "../data-dir.ts";
import { type Finding, note, ok, problem, warning } from "./finding.ts";
import type { Probe } from "./probe.ts";

/** Whether something runs on a data directory, by its lock. */
export function checkLock(dataDir: string, what: "hub" | "worker"): Finding & { inUse: boolean } {
  const inUse = isDirectoryInUse(dataDir);
  const finding = inUse
    ? ok("running", `a ${what} runs on this directory${holder(dataDir)}`)
    : note("running", `no ${what} runs on this directory`);
  return { ...finding, inUse };
}

/** Of a hub that runs: that it answers where its settings say, and is of this version. */
export async function checkAnswers(url: string, probe: Probe, version: string): Promise<Finding[]> {
  const health = await probe.get(new URL("/healthz", url));
  if (health.kind === "failed" || health.status !== 200) {
    const why = health.kind === "failed" ? health.why : `status ${health.status}`;
    const sentence = `the hub runs, but ${url}/healthz does not answer (${why})`;
    const remedy = "name the settings that it runs with by --config; then look at its log";
    return [problem("answers", sentence, remedy)];
  }
  const info = await probe.systemInfo(url);
  const findings = [ok("answers", `the hub answers at ${url}`)];
  if (info !== null && info.version !== version) {
    const sentence = `the hub that runs is ${info.version}, and this program is ${version}`;
    findings.push(warning("version", sentence, "restart the hub, or update this program"));
  }
  return findings;
}

function holder(dataDir: string): string {
  const file = path.join(dataDir, "lock-holder");
  const pid = existsSync(file) ? Number(readFileSync(file, "utf8")) : NaN;
  return Number.isInteger(pid) && pid > 0 ? ` (process ${pid})` : "";
}
