/** `leapmux …` the way a person types it: in a terminal of its own, read and typed into by a test. */
import { nodeClock } from "@leapmux/native/node-platform.ts";
import { spawnPty, type PtyExit } from "@leapmux/worker/terminal/spawn-pty.ts";
import type { Cleanup } from "./make-cleanup.ts";
import { launcher } from "./processes.ts";
import { until, within } from "./until.ts";

export interface TerminalProcess {
  readonly pid: number;
  /** Everything that was written to the terminal since the last `forget`. */
  text(): string;
  forget(): void;
  type(text: string): void;
  resize(cols: number, rows: number): void;
  /** Stops reading: the terminal fills, and whoever writes to it has to wait. */
  pause(): void;
  resume(): void;
  sees(wanted: string | RegExp, withinMs?: number): Promise<void>;
  readonly exited: Promise<PtyExit>;
  isRunning(): boolean;
}

/** `after`: commands of a shell that run afterwards in the same terminal, such as `stty -a`. */
export function runInTerminal(
  cleanup: Cleanup,
  args: readonly string[],
  options: {
    readonly env: Readonly<Record<string, string>>;
    readonly after?: string;
    /** A command that reads its output in a pipe. */
    readonly through?: string;
  },
): TerminalProcess {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name, value]) =>
        value !== undefined && !/^(LEAPMUX_|VITEST|NODE_OPTIONS$|NODE_ENV$|XDG_)/.test(name),
    ),
  ) as Record<string, string>;
  const chunks: Buffer[] = [];
  let exit: PtyExit | undefined;
  const { promise: exited, resolve } = Promise.withResolvers<PtyExit>();
  const command = [process.execPath, launcher, ...args];
  const { after, through } = options;
  const script =
    (through !== undefined && `"$@" | ${through}`) ||
    (after !== undefined && `trap : INT; "$@"; code=$?; ${after}; exit $code`);
  const [file = "", rest] = script
    ? ["/bin/sh", ["-c", script, "sh", ...command]]
    : [command[0], command.slice(1)];
  const pty = spawnPty({
    file,
    args: rest,
    directory: "/",
    environment: {
      ...inherited,
      NO_COLOR: "1",
      TERM: "xterm-256color",
      ...options.env,
    },
    cols: 80,
    rows: 24,
    clock: nodeClock,
    onData: (bytes) => void chunks.push(Buffer.from(bytes)),
    onExit(how) {
      exit = how;
      resolve(how);
    },
  });
  cleanup.add(async () => {
    if (exit) return;
    try {
      process.kill(-pty.pid, "SIGKILL");
    } catch {
      process.kill(pty.pid, "SIGKILL");
    }
    pty.resume();
    await within(exited, "the terminal's process to end");
  });
  const text = (): string => Buffer.concat(chunks).toString("utf8");
  return {
    pid: pty.pid,
    text,
    forget: () => void chunks.splice(0),
    type: (typed) => void pty.write(Buffer.from(typed)),
    resize: (cols, rows) => pty.resize(cols, rows),
    pause: () => pty.pause(),
    resume: () => pty.resume(),
    exited,
    isRunning: () => exit === undefined,
    async sees(wanted, withinMs) {
      const found = () =>
        typeof wanted === "string" ? text().includes(wanted) : wanted.test(text());
      await until(
        () => {
          if (found()) return true;
          if (exit) throw new Error(`ended with ${exit.code}`);
          return false;
        },
        String(wanted),
        withinMs,
      ).catch((error: unknown) => {
        throw new Error(
          `${String(error)}\nthe terminal shows: ${JSON.stringify(text().slice(-1500))}`,
        );
      });
    },
  };
}
