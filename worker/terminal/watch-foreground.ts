import type { Clock } from "@leapmux/shared/platform/platform.ts";
import { cleanTitle } from "./clean-title.ts";
import type { ProcessTable } from "./process-table.ts";

export interface Foreground {
  /** Name of the program in the foreground; empty: the shell itself. */
  readonly command: string;
  /** Its working directory; `null` where the system does not tell. */
  readonly directory: string | null;
}

export interface ForegroundWatch {
  /** Something happened on the terminal: look soon. */
  poke(): void;
  /** Looks now. */
  look(): Promise<void>;
  stop(): void;
}

/** Programs come and go with output around them; a look shortly after it sees what stayed. */
const lookDelayMs = 300;
/** While output keeps coming. */
const lookIntervalMs = 1_000;

/** Follows which program a terminal shows, and where it works. Idle terminals cost nothing. */
export function watchForeground(options: {
  readonly table: ProcessTable;
  readonly clock: Clock;
  readonly shellPid: number;
  readonly onSeen: (foreground: Foreground) => void;
}): ForegroundWatch {
  const { table, clock, shellPid, onSeen } = options;
  let stopped = false;
  let lookedAtMs = -lookIntervalMs;
  let cancel: (() => void) | null = null;
  let looking: Promise<void> | null = null;

  async function see(): Promise<void> {
    const shell = await table.find(shellPid);
    if (!shell || stopped) return;
    const isShell = shell.foregroundGroup === shell.processGroup || shell.foregroundGroup <= 0;
    const front = isShell ? shell : await table.find(shell.foregroundGroup);
    const directory =
      (front ? await table.readDirectory(front.pid) : null) ??
      (await table.readDirectory(shellPid));
    // A program names itself as it likes.
    const command = isShell ? "" : cleanTitle(front?.name ?? "");
    if (!stopped) onSeen({ command, directory });
  }

  function look(): Promise<void> {
    looking ??= see().finally(() => (looking = null));
    return looking;
  }

  return {
    poke() {
      if (stopped) return;
      const delayMs = Math.max(lookDelayMs, lookedAtMs + lookIntervalMs - clock.now());
      cancel ??= clock.after(delayMs, () => {
        cancel = null;
        lookedAtMs = clock.now();
        void look();
      });
    },
    look,
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}
