import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";

/** One process of the machine. */
export interface ProcessEntry {
  readonly pid: number;
  readonly name: string;
  readonly processGroup: number;
  /** Group in the foreground of its terminal; -1 without one. */
  readonly foregroundGroup: number;
  /** Tells a process from a later one of the same number. */
  readonly startedAt: string;
  readonly isZombie: boolean;
}

/** What the system knows about the processes on a terminal. */
export interface ProcessTable {
  /** `null` when it is gone. */
  find(pid: number): Promise<ProcessEntry | null>;
  /** Every process of the shell's own POSIX session, job control or not; zombies left out. */
  listOnTerminal(shellPid: number, device: string): Promise<readonly ProcessEntry[]>;
  /** Working directory; `null` where the system does not tell. */
  readDirectory(pid: number): Promise<string | null>;
}

export function makeProcessTable(): ProcessTable {
  return process.platform === "linux" ? procTable : psTable;
}

const procTable: ProcessTable = {
  find: async (pid) => (await readStat(pid))?.entry ?? null,

  async listOnTerminal(shellPid) {
    const names = await readdir("/proc");
    const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
    const found: ProcessEntry[] = [];
    for (const pid of pids) {
      const stat = await readStat(pid);
      if (stat?.posixSession === shellPid && !stat.entry.isZombie) found.push(stat.entry);
    }
    return found;
  },

  async readDirectory(pid) {
    const path = await readlink(`/proc/${pid}/cwd`).catch(() => null);
    // So the kernel calls one that was removed under its program.
    return path?.endsWith(" (deleted)") ? null : path;
  },
};

async function readStat(
  pid: number,
): Promise<{ readonly entry: ProcessEntry; readonly posixSession: number } | null> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  if (text === null) return null;
  // proc(5): pid (name) state ppid pgrp session tty tpgid … starttime is field 22. The name may hold anything.
  const close = text.lastIndexOf(")");
  const name = text.slice(text.indexOf("(") + 1, close);
  const fields = text.slice(close + 2).split(" ");
  const [state = "", , processGroup, posixSession, , foregroundGroup] = fields;
  const entry: ProcessEntry = {
    pid,
    name,
    processGroup: Number(processGroup),
    foregroundGroup: Number(foregroundGroup),
    startedAt: fields[19] ?? "",
    isZombie: state === "Z" || state === "X",
  };
  return { entry, posixSession: Number(posixSession) };
}

const run = promisify(execFile);
const columns = "pid=,pgid=,tpgid=,stat=,lstart=,comm=";

/** Systems without /proc: everything on the terminal's device counts as the shell's. */
const psTable: ProcessTable = {
  async find(pid) {
    const [entry] = await readPs(["-o", columns, "-p", String(pid)]);
    return entry ?? null;
  },

  async listOnTerminal(_shellPid, device) {
    const entries = await readPs(["-o", columns, "-t", basename(device)]);
    return entries.filter((entry) => !entry.isZombie);
  },

  readDirectory: () => Promise.resolve(null),
};

async function readPs(args: readonly string[]): Promise<readonly ProcessEntry[]> {
  const output = await run("ps", args, { env: { LC_ALL: "C", PATH: "/bin:/usr/bin" } }).catch(
    () => null,
  );
  if (!output) return [];
  const line = /^\s*(\d+)\s+(\d+)\s+(-?\d+)\s+(\S+)\s+(\S+ \S+\s+\d+ \S+ \d+)\s+(.+)$/;
  return output.stdout.split("\n").flatMap((text) => {
    const [, pid, group, foreground, state = "", startedAt = "", command = ""] =
      line.exec(text) ?? [];
    if (pid === undefined) return [];
    return {
      pid: Number(pid),
      name: basename(command),
      processGroup: Number(group),
      foregroundGroup: Number(foreground),
      startedAt,
      isZombie: state.startsWith("Z"),
    };
  });
}
