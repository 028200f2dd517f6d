import { promisify } from "node:util";
import { zstdCompress, zstdDecompress } from "node:zlib";
import type { Clock, Random } from "@leapmux/shared/platform/platform.ts";
import type { Logger } from "pino";
import type { WorkerEnvironment } from "../config/read-environment.ts";
import type { WorkerLimits } from "../config/worker-limits.ts";
import type { TerminalRow } from "../store/tables.ts";
import type { TerminalStore } from "../store/terminal-store.ts";
import { chooseDirectory } from "./choose-directory.ts";
import { commandArguments, listShells, shellArguments, type Shell } from "./choose-shell.ts";
import { cleanTitle } from "./clean-title.ts";
import type { ProcessTable } from "./process-table.ts";
import { makeShellEnvironment } from "./shell-environment.ts";
import type { NextTurn } from "./take-turns.ts";
import { makeTerminal, type Terminal } from "./terminal.ts";
import { terminalErrors } from "./terminal-error.ts";

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

export interface TerminalsOptions {
  readonly store: TerminalStore;
  readonly table: ProcessTable;
  readonly clock: Clock;
  readonly nextTurn: NextTurn;
  readonly random: Random;
  readonly wallClockMs: () => number;
  readonly environment: WorkerEnvironment;
  readonly limits: WorkerLimits;
  readonly useLoginShell: boolean;
  readonly logger: Logger;
}

export interface NewTerminal {
  readonly terminalId: string;
  readonly workspaceId: string;
  /** Path of a listed shell; empty: the login shell. */
  readonly shell: string;
  readonly directory: string;
  readonly cols: number;
  readonly rows: number;
  readonly title: string;
  /** For the shell to run; empty: it is interactive. */
  readonly command: string;
}

export type TerminalChange =
  | { readonly kind: "changed"; readonly terminal: Terminal }
  | { readonly kind: "closed"; readonly terminal: Terminal };

/** All terminals of this worker. Who asks names the user: another user's terminals are not there. */
export interface Terminals {
  listShells(): readonly Shell[];
  list(userId: string): readonly Terminal[];
  /** Throws not_found. */
  get(userId: string, terminalId: string): Terminal;
  /** `isVisible`: whether a terminal that is opening already may be joined, and moved to `wanted.workspaceId`. */
  open(
    userId: string,
    wanted: NewTerminal,
    isVisible?: (terminal: Terminal) => boolean,
  ): Promise<Terminal>;
  restart(terminal: Terminal): Promise<void>;
  close(userId: string, terminalId: string): Promise<void>;
  /** The returned function stops it. */
  watch(changed: (change: TerminalChange) => void): () => void;
  stop(): Promise<void>;
}

/** With those that the store kept, which have no shell until somebody starts one. */
export async function openTerminals(options: TerminalsOptions): Promise<Terminals> {
  const { store, clock, environment, limits, logger } = options;
  const terminals = new Map<string, Terminal>();
  const opening = new Map<
    string,
    { readonly userId: string; readonly terminal: Promise<Terminal> }
  >();
  const watchers = new Set<(change: TerminalChange) => void>();
  let stopping = false;

  function tell(change: TerminalChange): void {
    for (const watcher of watchers) watcher(change);
  }

  function build(row: Omit<TerminalRow, "snapshot">, isKept: boolean): Terminal {
    const logError = (error: unknown, message: string): void => {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      logger.error({ terminalId: row.terminal_id, code }, message);
    };
    const terminal = makeTerminal({
      row,
      isKept,
      epoch: Buffer.from(options.random(12)).toString("base64url"),
      table: options.table,
      clock,
      nextTurn: options.nextTurn,
      maxViews: limits.maxViewsPerTerminal,
      async readScreen() {
        const kept = isKept ? await store.readSnapshot(row.terminal_id) : null;
        return kept ? await decompress(kept) : null;
      },
      async save(newRow, screen) {
        await store.save(newRow, screen === null ? undefined : await compress(screen));
      },
      onChanged() {
        if (terminals.get(row.terminal_id) === terminal) tell({ kind: "changed", terminal });
      },
      onSaveError: (error) => logError(error, "a terminal could not be saved"),
      onRestoreError: (error) => logError(error, "a kept screen could not be read"),
    });
    return terminal;
  }

  function shells(): readonly Shell[] {
    return listShells({
      preferred: environment.preferredShell,
      loginShells: environment.loginShells,
      searchPath: environment.variables["PATH"] ?? "",
    });
  }

  function findShell(path: string): Shell {
    const all = shells();
    const shell = all.find((one) => (path === "" ? one.isDefault : one.path === path)) ?? null;
    if (!shell) throw terminalErrors.badShell();
    return shell;
  }

  function list(userId: string): readonly Terminal[] {
    return [...terminals.values()].filter((terminal) => terminal.userId === userId);
  }

  async function start(
    terminal: Terminal,
    shell: Shell,
    directory: string,
    command = "",
  ): Promise<void> {
    const shellStart = {
      file: shell.path,
      args:
        command === ""
          ? shellArguments(shell, { isLogin: options.useLoginShell })
          : commandArguments(shell, command),
      directory,
      environment: makeShellEnvironment(environment.variables, shell.path),
    };
    await terminal.start(shellStart).catch((cause: unknown) => {
      const error = terminalErrors.noPty();
      error.cause = cause;
      throw error;
    });
  }

  async function make(userId: string, wanted: NewTerminal): Promise<Terminal> {
    const shell = findShell(wanted.shell);
    const directory = await chooseDirectory(wanted.directory, environment.home);
    if (!directory.ok) {
      throw directory.reason === "not_absolute"
        ? terminalErrors.notAbsolute()
        : terminalErrors.noDirectory();
    }
    const row = {
      terminal_id: wanted.terminalId,
      user_id: userId,
      workspace_id: wanted.workspaceId,
      manual_title: cleanTitle(wanted.title),
      program_title: "",
      directory: directory.path,
      shell: shell.path,
      cols: wanted.cols,
      rows: wanted.rows,
      exit_code: null,
      exit_signal: null,
      created_at_ms: options.wallClockMs(),
    };
    const terminal = build(row, false);
    try {
      await start(terminal, shell, directory.path, wanted.command);
      await store.save(row);
      if (stopping) throw terminalErrors.tooMany();
    } catch (error) {
      await terminal.close();
      await store.remove(wanted.terminalId);
      throw error;
    }
    terminals.set(terminal.terminalId, terminal);
    tell({ kind: "changed", terminal });
    return terminal;
  }

  for (const row of await store.list()) terminals.set(row.terminal_id, build(row, true));

  return {
    listShells: shells,
    list,
    get(userId, terminalId) {
      const terminal = terminals.get(terminalId);
      if (terminal?.userId !== userId) throw terminalErrors.notFound();
      return terminal;
    },

    async open(userId, wanted, isVisible = () => true) {
      const { terminalId } = wanted;
      const owner = terminals.get(terminalId)?.userId ?? opening.get(terminalId)?.userId;
      if (owner !== undefined && owner !== userId) throw terminalErrors.exists();
      const known = terminals.get(terminalId) ?? opening.get(terminalId)?.terminal;
      if (known) {
        const terminal = await known;
        if (!isVisible(terminal)) throw terminalErrors.exists();
        terminal.moveTo(wanted.workspaceId);
        return terminal;
      }
      const inUse =
        list(userId).length + [...opening.values()].filter((one) => one.userId === userId).length;
      if (stopping || inUse >= limits.maxTerminalsPerUser) throw terminalErrors.tooMany();
      const terminal = make(userId, wanted).finally(() => opening.delete(terminalId));
      opening.set(terminalId, { userId, terminal });
      return terminal;
    },

    async restart(terminal) {
      if (terminal.isRunning) return;
      const all = shells();
      const shell = all.find(({ path }) => path === terminal.shell) ?? findShell("");
      const kept = await chooseDirectory(terminal.directory, environment.home);
      await start(terminal, shell, kept.ok ? kept.path : environment.home);
    },

    async close(userId, terminalId) {
      const terminal = terminals.get(terminalId);
      if (terminal?.userId !== userId) return;
      terminals.delete(terminalId);
      tell({ kind: "closed", terminal });
      await terminal.close();
      await store.remove(terminalId);
    },

    watch(changed) {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },

    async stop() {
      stopping = true;
      await Promise.all([...terminals.values()].map((terminal) => terminal.stop()));
    },
  };
}
