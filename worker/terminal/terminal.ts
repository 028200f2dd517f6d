import { Buffer } from "node:buffer";
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type AttachTerminalRequest_Begin,
  type TerminalSchema,
  TerminalState,
} from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import type { TerminalRow } from "../store/tables.ts";
import { type AttachedView, makeTerminalViews } from "./terminal-views.ts";
import { cleanTitle } from "./clean-title.ts";
import { endProcesses } from "./end-processes.ts";
import { makePtyPacer } from "./pace-pty.ts";
import type { ProcessEntry, ProcessTable } from "./process-table.ts";
import { makeScreenKeeper } from "./keep-screen.ts";
import { type Pty, type PtyExit, spawnPty } from "./spawn-pty.ts";
import { makeTerminalOutput } from "./terminal-output.ts";
import { readFileUrl } from "./read-file-url.ts";
import type { NextTurn } from "./take-turns.ts";
import { type Foreground, type ForegroundWatch, watchForeground } from "./watch-foreground.ts";

export type TerminalDetails = MessageInitShape<typeof TerminalSchema>;

/** How a shell is started. */
export interface ShellStart {
  readonly file: string;
  readonly args: readonly string[];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface TerminalOptions {
  /** As it is kept; of a new one, as it shall be. */
  readonly row: Omit<TerminalRow, "snapshot">;
  /** Names the numbering of the output, for this life of the worker. */
  readonly epoch: string;
  /** It comes from the store. */
  readonly isKept: boolean;
  /** The screen that was kept, where there is one. */
  readonly readScreen: () => Promise<Uint8Array | null>;
  readonly save: (row: Omit<TerminalRow, "snapshot">, screen: Uint8Array | null) => Promise<void>;
  readonly table: ProcessTable;
  readonly clock: Clock;
  readonly nextTurn: NextTurn;
  readonly maxViews: number;
  /** Something that lists show changed. */
  readonly onChanged: () => void;
  readonly onSaveError: (error: unknown) => void;
  /** The kept screen is lost; the terminal goes on with an empty one. */
  readonly onRestoreError: (error: unknown) => void;
}

/**
 * One terminal: a shell on a PTY, its output with the screen, its views. Outlives every channel; with its
 * row in the store it outlives the worker, then without a shell until somebody starts one.
 *
 *   exited ─start→ running ─shell ends→ exited        closed: from both, for ever
 */
export interface Terminal {
  readonly terminalId: string;
  readonly userId: string;
  readonly workspaceId: string;
  readonly shell: string;
  readonly isRunning: boolean;
  readonly directory: string;
  describe(): TerminalDetails;
  /** Starts the shell of an exited terminal; what was on the screen stays above. Throws without a PTY. */
  start(shell: ShellStart): Promise<void>;
  attach(begin: AttachTerminalRequest_Begin, isReadOnly?: boolean): Promise<AttachedView>;
  /** Somebody acts in this view, which may be none. */
  actIn(viewId: string): void;
  rename(title: string): void;
  /** Its tab is in this workspace now. */
  moveTo(workspaceId: string): void;
  /** Asks the system which program is in front, and where. */
  refresh(): Promise<void>;
  /** Ends every process on it and forgets it; views end. */
  close(): Promise<void>;
  /** Saves the screen and ends every process: the worker stops. */
  stop(): Promise<void>;
}

const maxPendingReplyBytes = 64 * 1024;

/** Shells of one terminal whose background jobs may still run. */
const maxLeftBehind = 16;

export function makeTerminal(options: TerminalOptions): Terminal {
  const { table, clock } = options;
  const row = { ...options.row };
  let foreground: Foreground = { command: "", directory: row.directory };
  let pty: Pty | null = null;
  let watch: ForegroundWatch | null = null;
  /** Who was on the terminal when a shell of it ended, for a later close. */
  let remembering: Promise<void> = Promise.resolve();
  let leftBehind: { shellPid: number; device: string; known: readonly ProcessEntry[] }[] = [];
  /** The shell is not the first on this screen. */
  let isUsed = options.isKept;
  let starting: Promise<void> | null = null;
  let bellCount = 0;
  let closing: Promise<void> | null = null;
  let restored: Promise<void> | null = null;

  const output = makeTerminalOutput({
    epoch: options.epoch,
    cols: row.cols,
    rows: row.rows,
    nextTurn: options.nextTurn,
    events: {
      reply(data) {
        // A program that asks and asks and never reads gets no more answers.
        if (pty && pty.pendingBytes < maxPendingReplyBytes)
          void pty.write(Buffer.from(data, "utf8"));
      },
      titleChanged(title) {
        row.program_title = cleanTitle(title);
        changed();
      },
      bell() {
        bellCount += 1;
        options.onChanged();
      },
      directoryTold: (url) => takeDirectory(url),
      colourAsked: (index) => views.answerColour(index),
      parsed: () => pacer.update(),
    },
  });
  const keeper = makeScreenKeeper({
    clock,
    save,
    onError: options.onSaveError,
  });
  const pacer = makePtyPacer({
    clock,
    backlogBytes: () => output.backlogBytes,
    pause: () => pty?.pause(),
    resume: () => pty?.resume(),
  });
  const views = makeTerminalViews({
    clock,
    output,
    pacer,
    maxViews: options.maxViews,
    describe,
    writeInput(data) {
      watch?.poke();
      return pty?.write(data) ?? Promise.resolve();
    },
    resize(cols, rows) {
      if (cols === row.cols && rows === row.rows) return;
      row.cols = cols;
      row.rows = rows;
      pty?.resize(cols, rows);
      output.resize(cols, rows);
      views.wake();
      keeper.screenChanged();
      changed();
    },
  });

  async function save(withScreen: boolean): Promise<void> {
    const snapshot = withScreen ? await output.snapshot() : null;
    if (!snapshot) return options.save({ ...row }, null);
    // The size may have changed meanwhile; a screen is restored in its own.
    const { cols, rows, screen } = snapshot;
    return options.save({ ...row, cols, rows }, screen);
  }

  function changed(): void {
    keeper.detailsChanged();
    options.onChanged();
  }

  function describe(): TerminalDetails {
    return {
      terminalId: row.terminal_id,
      workspaceId: row.workspace_id,
      title: row.manual_title || row.program_title,
      titleIsManual: row.manual_title !== "",
      directory: row.directory,
      shell: row.shell,
      state: pty ? TerminalState.RUNNING : TerminalState.EXITED,
      ...(row.exit_code === null ? {} : { exitCode: row.exit_code }),
      ...(row.exit_signal === null ? {} : { exitSignal: row.exit_signal }),
      cols: row.cols,
      rows: row.rows,
      foregroundCommand: pty ? foreground.command : "",
      bellCount: BigInt(bellCount),
      createdAtMs: BigInt(row.created_at_ms),
      outputEpoch: options.epoch,
    };
  }

  function takeDirectory(url: string): void {
    // Where the system tells, it knows better: what runs here may be at home elsewhere.
    if (foreground.directory !== null && pty) return;
    const path = readFileUrl(url);
    if (path === null) return;
    row.directory = path;
    changed();
  }

  function seeForeground(seen: Foreground): void {
    const isSame = seen.command === foreground.command && seen.directory === foreground.directory;
    foreground = seen;
    if (isSame) return;
    row.directory = seen.directory ?? row.directory;
    changed();
  }

  function ended(exit: PtyExit, ofPty: Pty): void {
    if (pty !== ofPty) return;
    pty = null;
    watch?.stop();
    watch = null;
    row.exit_code = exit.signal === 0 ? exit.code : null;
    row.exit_signal = exit.signal === 0 ? null : exit.signal;
    if (closing) return;
    remembering = rememberLeftBehind(ofPty);
    tellState();
    keeper.screenChanged();
    void output.settle().then(() => keeper.flush());
  }

  async function rememberLeftBehind({ pid, device }: Pty): Promise<void> {
    const known = await table.listOnTerminal(pid, device);
    if (known.length === 0) return;
    leftBehind = [...leftBehind, { shellPid: pid, device, known }].slice(-maxLeftBehind);
  }

  function tellState(): void {
    output.mark({ case: "stateChanged", value: { terminal: describe() } });
    views.wake();
    changed();
  }

  /** The kept screen, at the first time that somebody wants to see it or write below it. */
  function restore(): Promise<void> {
    restored ??= restoreScreen();
    return restored;
  }

  async function restoreScreen(): Promise<void> {
    try {
      const screen = await options.readScreen();
      if (screen !== null) await output.restore(screen);
    } catch (error) {
      options.onRestoreError(error);
    }
  }

  async function endAll(): Promise<void> {
    const ending = pty;
    await remembering;
    if (ending) await rememberLeftBehind(ending);
    await Promise.all(leftBehind.map((group) => endProcesses({ table, clock, ...group })));
    ending?.release();
  }

  async function startShell(shell: ShellStart): Promise<void> {
    await restore();
    await output.settle();
    if (pty || closing) return;
    const started: Pty = spawnPty({
      ...shell,
      cols: row.cols,
      rows: row.rows,
      clock,
      onData(bytes) {
        output.append(bytes);
        keeper.screenChanged();
        watch?.poke();
        views.wake();
        pacer.update();
      },
      onExit: (exit) => ended(exit, started),
    });
    pty = started;
    if (pacer.isPaused) started.pause();
    row.shell = shell.file;
    row.directory = shell.directory;
    row.exit_code = null;
    row.exit_signal = null;
    foreground = { command: "", directory: shell.directory };
    watch = watchForeground({ table, clock, shellPid: started.pid, onSeen: seeForeground });
    watch.poke();
    if (isUsed) output.append(Buffer.from(encodeReset(output.isAlternate)));
    isUsed = true;
    tellState();
  }

  return {
    terminalId: row.terminal_id,
    userId: row.user_id,
    get workspaceId() {
      return row.workspace_id;
    },
    get shell() {
      return row.shell;
    },
    get isRunning() {
      return pty !== null;
    },
    get directory() {
      return row.directory;
    },
    describe,

    start(shell) {
      starting ??= startShell(shell).finally(() => (starting = null));
      return starting;
    },

    async attach(begin, isReadOnly = false) {
      await restore();
      if (!pty) await output.settle();
      return views.attach(begin, isReadOnly);
    },

    actIn: (viewId) => views.actIn(viewId),

    rename(title) {
      row.manual_title = cleanTitle(title);
      changed();
    },

    moveTo(workspaceId) {
      if (workspaceId === row.workspace_id) return;
      row.workspace_id = workspaceId;
      changed();
    },

    refresh: () => watch?.look() ?? Promise.resolve(),

    close() {
      closing ??= (async () => {
        views.end();
        pacer.stop();
        await keeper.stop();
        pty?.resume();
        await endAll();
        watch?.stop();
        output.dispose();
      })();
      return closing;
    },

    async stop() {
      await output.settle();
      await keeper.flush();
      await keeper.stop();
      closing ??= endAll().then(() => {
        views.end();
        pacer.stop();
        watch?.stop();
        output.dispose();
      });
      await closing;
    },
  };
}

/**
 * Undoes what the last program left behind, before the next shell; the screen itself stays. Leaving an
 * alternate screen that is not on would move the cursor.
 */
function encodeReset(isAlternate: boolean): string {
  const modes = [9, 1000, 1002, 1003, 1004, 1006, 1016, 2004, 2026].map((mode) => `\x1b[?${mode}l`);
  // DECSTR covers cursor, scroll region, character sets, colours, keypad and wrapping.
  return `${isAlternate ? "\x1b[?1049l" : ""}\x1b[!p${modes.join("")}\x1b[20l\x1b[0 q\r\n`;
}
