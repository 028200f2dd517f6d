// Runs the real binary to its end, the way a person would type it.
import type { Cleanup } from "../harness/cleanup.ts";
import { type ProcessOptions, startLeapmux } from "../harness/processes.ts";
import { within } from "../harness/until.ts";

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

export async function runLeapmux(
  cleanup: Cleanup,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<Ran> {
  const running = startLeapmux(cleanup, args, options);
  const { code } = await within(running.exited, `leapmux ${args.join(" ")} to end`);
  return { code, stdout: running.stdout(), stderr: running.stderr() };
}

/** Flags with which `solo` and `hub` start without building pages, on a port of their own. */
export const withoutPages = ["--dev-frontend", "http://127.0.0.1:9", "--listen", "127.0.0.1:0"];
