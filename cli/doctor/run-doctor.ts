// `leapmux doctor [hub|worker|solo|dev]`: what is wrong, and what to do about it. Looks and changes nothing.
import { existsSync } from "node:fs";
import path from "node:path";
import type { Wrapping } from "@leapmux/hub/keystore/wrapping-key.ts";
import { CommandError } from "../command-error.ts";
import type { Environment } from "../config/environment.ts";
import { loadSettings } from "../config/load-settings.ts";
import { pinSettings } from "../config/pin-settings.ts";
import { devSettings, hubSettings, soloSettings, workerSettings } from "../config/settings.ts";
import { httpOrigin } from "../config/value-types.ts";
import { keyWrapping, type WrapSettings } from "../key-wrapping.ts";
import type { Output } from "../output.ts";
import { readVersion } from "../version.ts";
import { checkHubPlace, checkWorkerPlace, type Look } from "./check-place.ts";
import { checkOutside } from "./check-outside.ts";
import { checkHubSettings, checkSoloSettings, checkWorkerSettings } from "./check-settings.ts";
import { hubOf } from "./check-worker.ts";
import { doctorLimits } from "./doctor-limits.ts";
import { type Finding, problem } from "./finding.ts";
import { readStoredSettings } from "./read-stored-settings.ts";
import { makeProbe } from "./probe.ts";

export const doctorKinds = ["hub", "worker", "solo", "dev"] as const;
export type DoctorKind = (typeof doctorKinds)[number];

export interface DoctorRequest {
  readonly command: "doctor";
  readonly kind: string | undefined;
  /** By name in camel case; a switch is true. */
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
}

interface Examined {
  readonly kind: DoctorKind;
  readonly dataDir: string;
  readonly findings: readonly Finding[];
}

export async function runDoctor(
  { kind, flags }: DoctorRequest,
  environment: Environment,
  output: Output,
): Promise<number> {
  const kinds = chooseKinds(kind, flags, environment);
  const probe = makeProbe(doctorLimits.stepTimeoutMs);
  const look: Look = { limits: doctorLimits, probe, nowMs: Date.now, version: readVersion() };
  const examined: Examined[] = [];
  try {
    for (const each of kinds) {
      output.progress(`Looking at ${each} …`);
      examined.push(await examine(each, flags, environment, look));
    }
  } finally {
    probe.close();
  }
  output.progress("");
  print(examined, flags["json"] === true, output);
  const failing = flags["strict"] === true ? ["problem", "warning"] : ["problem"];
  return examined.some(({ findings }) => findings.some(({ level }) => failing.includes(level)))
    ? 1
    : 0;
}

function chooseKinds(
  kind: string | undefined,
  flags: DoctorRequest["flags"],
  { configHome }: Environment,
): readonly DoctorKind[] {
  const named = doctorKinds.find((each) => each === kind);
  if (named !== undefined) return [named];
  if (kind !== undefined) {
    const message = `${kind} is nothing that the doctor knows`;
    throw new CommandError("usage", message, `One of ${doctorKinds.join(", ")}, or none of them.`);
  }
  const flag = ["dataDir", "config", "url"].find((name) => flags[name] !== undefined);
  if (flag !== undefined) {
    const name = flag === "dataDir" ? "data-dir" : flag;
    const message = `--${name} means nothing without saying what it is about`;
    throw new CommandError("usage", message, `For example: leapmux doctor hub --${name} …`);
  }
  const found = doctorKinds.filter((each) => existsSync(path.join(configHome, "leapmux", each)));
  if (found.length > 0) return found;
  throw new CommandError(
    "failure",
    `nothing of LeapMux has run here: ${path.join(configHome, "leapmux")} holds no data directory`,
    "Name one: leapmux doctor hub --data-dir DIR",
  );
}

async function examine(
  kind: DoctorKind,
  flags: DoctorRequest["flags"],
  environment: Environment,
  look: Look,
): Promise<Examined> {
  const typed = new Map(
    ["dataDir", "config"].flatMap((name) => {
      const value = flags[name];
      return typeof value === "string" ? [[name, value] as const] : [];
    }),
  );
  const url = readUrl(flags["url"]);
  try {
    switch (kind) {
      case "hub": {
        const { values, sources } = loadSettings(hubSettings, typed, environment);
        const publicUrl = url ?? values.publicUrl ?? null;
        const { dataDir, listen } = values;
        const place = { dataDir, listen, wrapping: wrappingOf(values), needsBackup: true };
        const findings = [
          // Of a hub elsewhere only what can be seen from outside.
          ...(url !== null && !existsSync(dataDir) ? [] : await checkHubPlace(place, look)),
          ...(url !== null && !existsSync(dataDir)
            ? []
            : checkHubSettings(
                values,
                readStoredSettings(dataDir, pinSettings(values, sources)),
                look.limits,
              )),
          ...(publicUrl === null ? [] : await checkOutside({ url: publicUrl, ...look })),
        ];
        return { kind, dataDir, findings };
      }
      case "worker": {
        const { values } = loadSettings(workerSettings, typed, environment);
        const { dataDir } = values;
        const hub = url ?? hubOf(dataDir) ?? values.hub;
        const findings = [
          ...(await checkWorkerPlace({ dataDir, isBundled: false, hub }, look)),
          ...checkWorkerSettings(values, hub),
        ];
        return { kind, dataDir, findings };
      }
      case "solo": {
        const { values } = loadSettings(soloSettings, typed, environment);
        const both = await checkBoth(values, { kind: "none" }, look);
        return { kind, dataDir: values.dataDir, findings: [...both, ...checkSoloSettings(values)] };
      }
      case "dev": {
        const { values, sources } = loadSettings(devSettings, typed, environment);
        const both = await checkBoth(values, wrappingOf(values), look);
        const hubDir = path.join(values.dataDir, "hub");
        const stored = readStoredSettings(hubDir, pinSettings(values, sources));
        const findings = [...both, ...checkHubSettings(values, stored, look.limits)];
        return { kind, dataDir: values.dataDir, findings };
      }
    }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const findings = [
      problem("settings", error.message, error.next ?? "see docs/configuration.md"),
    ];
    return { kind, dataDir: typed.get("dataDir") ?? "", findings };
  }
}

/** Nobody is asked: where the passphrase would be typed, it is not known here. */
function wrappingOf(settings: WrapSettings): Wrapping {
  try {
    return keyWrapping(settings);
  } catch (error) {
    if (error instanceof CommandError) return { kind: "none" };
    throw error;
  }
}

/** Hub and worker in one process, each in a directory of its own below. */
async function checkBoth(
  { dataDir, listen }: { dataDir: string; listen: { host: string; port: number } },
  wrapping: Wrapping,
  look: Look,
): Promise<Finding[]> {
  const place = { dataDir: path.join(dataDir, "hub"), listen, wrapping, needsBackup: false };
  const workerDir = path.join(dataDir, "worker");
  return [
    ...(await checkHubPlace(place, look)),
    ...(await checkWorkerPlace({ dataDir: workerDir, isBundled: true, hub: null }, look)),
  ];
}

function readUrl(flag: string | boolean | undefined): string | null {
  if (typeof flag !== "string") return null;
  const parsed = httpOrigin.safeParse(flag);
  if (parsed.success) return parsed.data;
  throw new CommandError("usage", `--url ${parsed.error.issues[0]?.message ?? "is not valid"}`);
}

const marks = { ok: "ok      ", note: "note    ", warning: "WARNING ", problem: "PROBLEM " };

function print(examined: readonly Examined[], isJson: boolean, output: Output): void {
  const every = examined.flatMap(({ findings }) => findings);
  const count = (level: Finding["level"]): number =>
    every.filter((finding) => finding.level === level).length;
  if (isJson) {
    const places = examined.map(({ kind, dataDir, findings }) => ({
      kind,
      data_dir: dataDir,
      findings,
    }));
    const counts = { problems: count("problem"), warnings: count("warning") };
    output.print(JSON.stringify({ ...counts, places }, null, 2));
    return;
  }
  for (const { kind, dataDir, findings } of examined) {
    output.print(`${kind} (${dataDir})`);
    for (const { level, check, sentence, remedy } of findings) {
      output.print(printable(`  ${marks[level]} ${check}: ${sentence}`));
      if (remedy !== undefined) output.print(printable(`           -> ${remedy}`));
    }
  }
  output.print(`${count("problem")} problems, ${count("warning")} warnings`);
}

/** Names of files and words of others must not steer the terminal. */
function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are exactly what is replaced
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "\ufffd");
}
