/**
 * Kills operations at moments that a seed chooses and looks whether anything was lost: first each operation as a
 * whole, to learn which changes it makes, then as often as asked up to one of them, in a real process on a real
 * disk. After each kill everything has to be there; then the operation runs again, to its end.
 */
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FaultOperation } from "./fault-operation.ts";
import type { KillPoint, Moment } from "./kill-points.ts";

export interface FaultReport {
  /** By operation: the changes that it makes, and at how many different moments it was killed. */
  readonly operations: ReadonlyMap<
    string,
    { readonly changes: readonly string[]; readonly moments: number }
  >;
  readonly kills: number;
}

const child = fileURLToPath(new URL("./child.ts", import.meta.url));
const everyMoment: readonly Moment[] = ["before", "middle", "after"];

export async function runFaults(options: {
  readonly operations: readonly FaultOperation[];
  readonly seed: number;
  readonly runs: number;
  readonly report?: (line: string) => void;
}): Promise<FaultReport> {
  const { operations, seed, runs, report = () => undefined } = options;
  const pick = makePicker(seed);
  const place = mkdtempSync(join(tmpdir(), "leapmux-faults-"));
  try {
    const prepared: Prepared[] = [];
    for (const [index, operation] of operations.entries()) {
      const each = await prepare(operation, join(place, String(index)));
      report(`${operation.name}: ${each.changes.length} changes`);
      prepared.push(each);
    }
    const chosen = chooseKills(prepared, runs, pick);
    for (const [index, [each, point]] of chosen.entries()) {
      await killAndCheck(each, point, seed);
      if ((index + 1) % 50 === 0) report(`${index + 1} kills`);
    }
    const operationsFound = prepared.map(({ operation, changes }) => {
      const kills = chosen.filter(([each]) => each.operation === operation);
      const moments = new Set(kills.map(([, { at, moment }]) => `${at} ${moment}`)).size;
      report(`${operation.name}: ${moments} of ${changes.length * everyMoment.length} moments`);
      return [operation.name, { changes, moments }] as const;
    });
    return { operations: new Map(operationsFound), kills: chosen.length };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

interface Prepared {
  readonly operation: FaultOperation;
  /** A fresh copy of what it starts from, at its place. */
  begin(): string;
  readonly given: unknown;
  readonly changes: readonly string[];
}

const never: KillPoint = { at: Infinity, moment: "before" };

async function prepare(operation: FaultOperation, place: string): Promise<Prepared> {
  const [template, directory] = [`${place}-template`, `${place}-run`];
  const given = await operation.prepare(template);
  const begin = (): string => {
    rmSync(directory, { recursive: true, force: true });
    cpSync(template, directory, { recursive: true });
    return directory;
  };
  const changes = await runChild(operation, begin(), never);
  if (changes === null || changes.length === 0) throw new Error(`${operation.name} did nothing`);
  await operation.check(directory, given);
  await operation.checkDone(directory, given);
  return { operation, begin, given, changes };
}

async function killAndCheck(
  { operation, begin, given, changes }: Prepared,
  point: KillPoint,
  seed: number,
): Promise<void> {
  const change = `change ${point.at} (${changes[point.at - 1]})`;
  try {
    const directory = begin();
    if ((await runChild(operation, directory, point)) !== null) throw new Error("not killed");
    await operation.check(directory, given);
    if ((await runChild(operation, directory, never)) === null) throw new Error("ended by itself");
    await operation.check(directory, given);
    await operation.checkDone(directory, given);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const where = `${operation.name}, killed ${point.moment} ${change}, seed ${seed}`;
    throw new Error(`${where}: ${message}`, { cause: error });
  }
}

/** Null: it was killed. Otherwise the changes that it made. */
function runChild(
  { name }: FaultOperation,
  directory: string,
  { at, moment }: KillPoint,
): Promise<string[] | null> {
  return new Promise((resolve, reject) => {
    const process_ = spawn(process.execPath, [child, name, directory, String(at), moment], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    process_.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    process_.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    process_.on("error", reject);
    process_.on("close", (code, signal) => {
      if (signal === "SIGKILL") resolve(null);
      else if (code === 0) resolve(JSON.parse(stdout) as string[]);
      else reject(new Error(`ended with ${code ?? signal}: ${stderr.slice(0, 2000)}`));
    });
  });
}

/** One of each operation first; then, over all of them, every moment once before any comes twice. */
function chooseKills(
  prepared: readonly Prepared[],
  count: number,
  pick: (below: number) => number,
): [Prepared, KillPoint][] {
  const pools = prepared.map((each) =>
    each.changes.flatMap((_, change) =>
      everyMoment.map((moment): [Prepared, KillPoint] => [each, { at: change + 1, moment }]),
    ),
  );
  const chosen = pools.flatMap((pool) => pool.splice(pick(pool.length), 1)).slice(0, count);
  const left = pools.flat();
  while (chosen.length < count) {
    if (left.length === 0) left.push(...chosen);
    chosen.push(...left.splice(pick(left.length), 1));
  }
  return chosen;
}

/** Whole numbers below a bound, the same for the same seed (xorshift32). */
function makePicker(seed: number): (below: number) => number {
  let state = seed === 0 ? 1 : seed | 0;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
