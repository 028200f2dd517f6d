// Builds the pages that the hub serves, when they are absent or older than their sources.
// frontend/dist is replaced as a whole: a build works beside it and is moved into place at the end.
// Two starts at once build once; the later one waits and then finds everything done.
// Two builds of the same sources are the same bytes, wherever, whenever and by whomever they are made.
import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { manifestFile } from "@leapmux/hub/ops/frontend-manifest.ts";
import { loadStaticFiles } from "@leapmux/hub/ops/static-files.ts";
import { CommandError } from "./command-error.ts";
import { compareWithStamp, type SourceState, writeStamp } from "./frontend-stamp.ts";
import type { Output } from "./output.ts";
import { precompress } from "./precompress.ts";

const ownRoot = path.join(import.meta.dirname, "..");
const lockRetryMs = 200;

/** The directory to serve. Costs a few milliseconds when nothing changed. `root` holds `frontend`. */
export async function buildFrontend(
  output: Output,
  signal: AbortSignal,
  root = ownRoot,
  when: "stale" | "always" = "stale",
): Promise<string> {
  const frontendDir = path.join(root, "frontend");
  const distDir = path.join(frontendDir, "dist");
  const isDone = when === "stale" && compareWithStamp(root, distDir).state === "current";
  if (isDone) return distDir;
  const unlock = await takeBuildLock(frontendDir, output, signal);
  try {
    const sources = compareWithStamp(root, distDir);
    if (when === "always" || sources.state === "stale") {
      await build(frontendDir, sources, output, signal);
    }
    return distDir;
  } finally {
    unlock();
  }
}

async function build(
  frontendDir: string,
  sources: SourceState,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const distDir = path.join(frontendDir, "dist");
  const reason = describeReason(distDir, sources);
  const startedAtMs = performance.now();
  const show = (step: string) => {
    const elapsed = Math.round((performance.now() - startedAtMs) / 1000);
    output.progress(`Building the frontend (${reason}) … ${step}, ${elapsed} s`);
  };
  // A terminal counts the seconds; a log gets one line a step.
  let step = "compiling";
  show(step);
  const ticker = output.watched ? setInterval(() => show(step), 1000) : undefined;
  const workDir = mkdtempSync(path.join(frontendDir, ".dist-"));
  try {
    await runVite(frontendDir, workDir, signal);
    step = "compressing";
    show(step);
    await precompress(workDir);
    writeFileSync(path.join(workDir, manifestFile), loadStaticFiles(workDir).manifest?.text ?? "");
    makeReadable(workDir);
    moveIntoPlace(workDir, distDir);
    writeStamp(distDir, sources);
  } finally {
    clearInterval(ticker);
    output.progress("");
    rmSync(workDir, { recursive: true, force: true });
  }
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  output.print(`Frontend built in ${seconds} s.`);
}

function describeReason(distDir: string, sources: SourceState): string {
  if (!existsSync(distDir)) return "first time only";
  return sources.state === "stale" ? "its sources changed" : "as asked";
}

/** What is served is nothing to hide from other users of an installation, whatever the umask says. */
function makeReadable(dir: string): void {
  chmodSync(dir, 0o755);
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    chmodSync(path.join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
}

/**
 * All that a build may know of the machine. Anything else of our own environment could change what comes
 * out: NODE_ENV, NODE_OPTIONS, every VITE_*.
 */
const buildEnvironment = { NODE_ENV: "production", TZ: "UTC", LC_ALL: "C" };

/** Vite runs in a process of its own: its memory and its plugins are gone when it is done. */
async function runVite(frontendDir: string, outDir: string, signal: AbortSignal): Promise<void> {
  const child = spawn(
    process.execPath,
    [findVite(frontendDir), "build", "--outDir", outDir, "--emptyOutDir", "--logLevel", "warn"],
    {
      cwd: frontendDir,
      env: buildEnvironment,
      stdio: ["ignore", "pipe", "pipe"],
      signal,
      killSignal: "SIGTERM",
    },
  );
  let said = "";
  const collect = (text: string) => (said = (said + text).slice(0, 4000));
  child.stdout.setEncoding("utf8").on("data", collect);
  child.stderr.setEncoding("utf8").on("data", collect);
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on("error", reject);
  child.on("close", resolve);
  const code = await promise;
  if (code !== 0) {
    throw new CommandError(
      "failure",
      `the frontend could not be built:\n${withoutNoise(said)}`,
      "Run `npm install` if sources or dependencies changed, then start again.",
    );
  }
}

/** The frontend's own Vite, wherever npm has put it. */
export function findVite(frontendDir: string): string {
  const ofFrontend = createRequire(path.join(frontendDir, "package.json"));
  return path.join(path.dirname(ofFrontend.resolve("vite/package.json")), "bin", "vite.js");
}

/** What Vite says about our sources, without colours and without places inside of Vite. */
function withoutNoise(said: string): string {
  const lines = stripVTControlCharacters(said).split("\n");
  return lines.filter((line) => line.trim() !== "" && !/^\s+at /.test(line)).join("\n");
}

function moveIntoPlace(workDir: string, distDir: string): void {
  const oldDir = `${workDir}-old`;
  if (existsSync(distDir)) renameSync(distDir, oldDir);
  renameSync(workDir, distDir);
  rmSync(oldDir, { recursive: true, force: true });
}

async function takeBuildLock(
  frontendDir: string,
  output: Output,
  signal: AbortSignal,
): Promise<() => void> {
  let told = false;
  for (;;) {
    const database = openLock(frontendDir);
    try {
      database.exec("BEGIN EXCLUSIVE");
      return () => database.close();
    } catch {
      database.close();
    }
    if (!told) output.progress("Another start is building the frontend: waiting for it …");
    told = true;
    await wait(lockRetryMs, undefined, { signal });
  }
}

function openLock(frontendDir: string): DatabaseSync {
  try {
    return new DatabaseSync(path.join(frontendDir, ".build-lock"));
  } catch (error) {
    throw new CommandError(
      "failure",
      "the frontend has to be built, but its folder cannot be written to",
      "Start LeapMux once as the user who owns that folder.",
      error,
    );
  }
}
