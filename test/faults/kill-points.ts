/**
 * The moments at which a process can lose what it is writing: before and after each change of a file or of a
 * database, and in the middle of each write. Counted where the program calls the system, so that the program
 * knows nothing of it, and ended by SIGKILL, so that nothing of it can clean up.
 */
import fs from "node:fs";
import { createRequire, syncBuiltinESMExports } from "node:module";

/** Of better-sqlite3, as the hub has it: what runs a statement is common to all of them. */
interface Statement {
  readonly source: string;
}
type Database = new (file: string) => { prepare(source: string): Statement; close(): void };
const hub = createRequire(import.meta.resolve("@leapmux/hub/package.json"));
const Database = hub("better-sqlite3") as Database;

export type Moment = "before" | "middle" | "after";

export interface KillPoint {
  /** Of the changes, from 1; beyond the last one: never. */
  readonly at: number;
  readonly moment: Moment;
}

const changing = [
  "writeSync",
  "fsyncSync",
  "renameSync",
  "linkSync",
  "rmSync",
  "unlinkSync",
  "copyFileSync",
  "writeFileSync",
] as const;

let point: KillPoint | null = null;
let changes: string[] = [];

/** What changes from now on counts. */
export function armKillPoint(chosen: KillPoint): void {
  point = chosen;
  changes = [];
}

/** What was changed since, in order. */
export function disarmKillPoint(): string[] {
  point = null;
  return changes;
}

/** Once, before anything else runs. */
export function interceptChanges(): void {
  const calls = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of changing) {
    const real = calls[name]?.bind(fs);
    if (real === undefined) throw new Error(`node:fs has no ${name}`);
    calls[name] = (...args) => {
      return step(name, () => real(...args), name === "writeSync" ? half(real, args) : undefined);
    };
  }
  const open = calls["openSync"]?.bind(fs);
  calls["openSync"] = (...args) => {
    // Only what makes a file changes anything.
    return /[wax]/.test(String(args[1]))
      ? step("openSync", () => open?.(...args))
      : open?.(...args);
  };
  syncBuiltinESMExports();

  const database = new Database(":memory:");
  const statements = Object.getPrototypeOf(database.prepare("select 1")) as Record<
    string,
    (this: Statement, ...args: unknown[]) => unknown
  >;
  for (const name of ["run", "all", "get"]) {
    const real = statements[name];
    if (real === undefined) throw new Error(`better-sqlite3 has no ${name}`);
    statements[name] = function (...args) {
      const verb = /^\s*(\w+)/.exec(this.source)?.[1]?.toLowerCase() ?? "";
      const run = (): unknown => real.apply(this, args);
      return verb === "select" ? run() : step(verb, run);
    };
  }
  database.close();
}

function step(name: string, run: () => unknown, runHalf?: () => void): unknown {
  if (point === null) return run();
  changes.push(name);
  const isHere = changes.length === point.at;
  if (isHere && point.moment === "before") end();
  if (isHere && point.moment === "middle") {
    runHalf?.();
    end();
  }
  const result = run();
  if (isHere) end();
  return result;
}

/** The first half of what was to be written. */
function half(real: (...args: unknown[]) => unknown, [descriptor, bytes]: unknown[]): () => void {
  return () => {
    const whole = Buffer.from(bytes as Uint8Array);
    if (whole.length > 1) real(descriptor, whole.subarray(0, whole.length >> 1));
  };
}

function end(): void {
  process.kill(process.pid, "SIGKILL");
}
