import type { Clock } from "@leapmux/shared/platform/platform.ts";
import type { ProcessEntry, ProcessTable } from "./process-table.ts";

/** Time between the hang-up, which a program may answer by saving, and the end of its patience. */
const hangUpGraceMs = 1_500;
const lookIntervalMs = 50;
/** Rounds of SIGKILL: what forks while it is killed is met in the next. */
const maxKillRounds = 20;

/**
 * Ends everything on a terminal: the shell, its jobs in their own groups, what ignores the hang-up. A program
 * that made a POSIX session of its own left the terminal on purpose and stays.
 *
 * Process numbers come round again: a list is trusted only while somebody of the list before is still there,
 * because so long the number of the shell, which names them all, cannot have been given to others.
 */
export async function endProcesses(options: {
  readonly table: ProcessTable;
  readonly shellPid: number;
  readonly device: string;
  /** Who was seen on the terminal last; the shell itself while it runs. */
  readonly known: readonly Pick<ProcessEntry, "pid" | "startedAt">[];
  readonly clock: Clock;
}): Promise<void> {
  const { table, shellPid, device, clock } = options;
  let known: readonly Pick<ProcessEntry, "pid" | "startedAt">[] = options.known;

  async function look(): Promise<readonly ProcessEntry[]> {
    const listed = await table.listOnTerminal(shellPid, device);
    const isContinued = listed.some((entry) =>
      known.some(({ pid, startedAt }) => pid === entry.pid && startedAt === entry.startedAt),
    );
    known = isContinued ? listed : [];
    return isContinued ? listed : [];
  }

  // 1. Politely: hang up, and wake what is stopped so that it can hear it.
  const all = await look();
  for (const { pid } of all) {
    send(pid, "SIGHUP");
    send(pid, "SIGCONT");
  }
  const deadlineMs = clock.now() + hangUpGraceMs;
  while ((await look()).length > 0 && clock.now() < deadlineMs) await pass(clock, lookIntervalMs);

  // 2. Finally.
  for (let round = 0; round < maxKillRounds; round++) {
    const left = await look();
    if (left.length === 0) return;
    for (const { pid } of left) send(pid, "SIGKILL");
    await pass(clock, lookIntervalMs);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already, or it became another user's: nothing that we may end.
  }
}

function pass(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}
