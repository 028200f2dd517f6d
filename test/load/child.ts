/** A child process of the bench that prints one line when it is ready. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Cleanup } from "../harness/cleanup.ts";

export interface Child {
  readonly pid: number;
  /** The line that it printed. */
  readonly ready: string;
  /** Asks for a line on standard input's protocol: writes `request`, returns the answer. */
  ask(request: string): Promise<string>;
  cpuSeconds(): Promise<number>;
}

export async function startChild(
  cleanup: Cleanup,
  file: string,
  args: readonly string[] = [],
  nodeOptions: readonly string[] = [],
): Promise<Child> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, [...nodeOptions, path, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  cleanup.add(async () => {
    if (child.exitCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "close");
  });
  const lines: string[] = [];
  const waiting: PromiseWithResolvers<string>[] = [];
  let isOver = false;
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) {
      const next = waiting.shift();
      if (next === undefined) lines.push(line);
      else next.resolve(line);
    }
  });
  child.once("close", () => {
    isOver = true;
    for (const { reject } of waiting.splice(0)) reject(new Error(`${file} ended`));
  });
  const nextLine = (): Promise<string> => {
    const line = lines.shift();
    if (line !== undefined) return Promise.resolve(line);
    if (isOver) return Promise.reject(new Error(`${file} ended`));
    const next = Promise.withResolvers<string>();
    waiting.push(next);
    return next.promise;
  };
  const { pid } = child;
  if (pid === undefined) throw new Error(`could not start ${file}`);
  return {
    pid,
    ready: await nextLine(),
    ask(request) {
      child.stdin.write(`${request}\n`);
      return nextLine();
    },
    cpuSeconds: () => cpuSecondsOf(pid),
  };
}

/** User and system time of a process so far, Linux only; 0 elsewhere. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // proc(5): utime and stime are fields 14 and 15, counted from 1; ticks of 1/100 s.
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
}
