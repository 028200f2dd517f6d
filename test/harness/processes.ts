/**
 * The product as separate processes, started the way a person starts it: `cli/leapmux.cjs hub|worker|solo`.
 * Output is kept for assertions; a process that outlives its test is killed with everything below it.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Cleanup } from "./make-cleanup.ts";
import { until, within } from "./until.ts";

export const launcher = fileURLToPath(new URL("../../cli/leapmux.cjs", import.meta.url));

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface LeapmuxProcess {
  readonly pid: number;
  /** Everything that it wrote so far. */
  stdout(): string;
  stderr(): string;
  /** To the process and not to its group, as a supervisor would. */
  signal(signal: NodeJS.Signals): void;
  /** Ends without a chance to say anything, and waits for it. */
  kill(): Promise<void>;
  readonly exited: Promise<Exit>;
  isRunning(): boolean;
  /** Resident memory in bytes, Linux only; undefined elsewhere. */
  residentBytes(): Promise<number | undefined>;
}

export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Flags of Node itself for the process that does the work. */
  readonly nodeOptions?: readonly string[];
  readonly cwd?: string;
  /** A program and arguments that runs it, as `ip netns exec NAME`. */
  readonly wrap?: readonly string[];
}

export function startLeapmux(
  cleanup: Cleanup,
  args: readonly string[],
  options: ProcessOptions = {},
): LeapmuxProcess {
  const [program = process.execPath, ...wrapped] = [
    ...(options.wrap ?? []),
    process.execPath,
    launcher,
    ...args,
  ];
  const child = spawn(program, wrapped, {
    stdio: ["ignore", "pipe", "pipe"],
    cwd: options.cwd,
    detached: true,
    env: {
      ...withoutOwnSettings(process.env),
      // Nothing that a developer set up on this machine may change what a test sees.
      NO_COLOR: "1",
      // A shell that is everywhere, and that reads nobody's configuration.
      LEAPMUX_DEFAULT_SHELL: "/bin/sh",
      ...(options.nodeOptions === undefined ? {} : { NODE_OPTIONS: options.nodeOptions.join(" ") }),
      ...options.env,
    },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`could not start ${launcher}`);
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  const exited = waitForExit(child);
  const killGroup = (): void => {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // Already gone.
    }
  };
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const kill = async (): Promise<void> => {
    killGroup();
    await within(exited, `process ${pid} to end`);
  };
  cleanup.add(kill);
  return {
    pid,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    signal: (signal) => void child.kill(signal),
    kill,
    exited,
    isRunning,
    residentBytes: () => residentBytes(pid),
  };
}

/** Until `/readyz` of a hub answers 200, or the process ends. */
export async function untilReady(process_: LeapmuxProcess, url: string): Promise<void> {
  await until(
    async () => {
      if (!process_.isRunning()) {
        throw new Error(`ended before it was ready:\n${process_.stdout()}\n${process_.stderr()}`);
      }
      const response = await fetch(`${url}/readyz`).catch(() => undefined);
      await response?.arrayBuffer();
      return response?.status === 200;
    },
    `${url}/readyz`,
    // Whoever changed the frontend meanwhile has it built first.
    120_000,
  );
}

async function waitForExit(child: ChildProcess): Promise<Exit> {
  await once(child, "close");
  return { code: child.exitCode, signal: child.signalCode };
}

function withoutOwnSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^(LEAPMUX_|VITEST|NODE_OPTIONS$|NODE_ENV$)/.test(name),
    ),
  );
}

export async function residentBytes(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
  return kib === undefined ? undefined : Number(kib) * 1024;
}
