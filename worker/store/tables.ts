/** Rows of `worker.db`. Times are milliseconds since 1970-01-01 UTC. */
export interface WorkerTables {
  terminals: TerminalRow;
}

export interface TerminalRow {
  terminal_id: string;
  user_id: string;
  workspace_id: string;
  /** Given by the user; empty: none. */
  manual_title: string;
  /** Set by the program last. */
  program_title: string;
  directory: string;
  shell: string;
  cols: number;
  rows: number;
  /** Absent while the shell runs, and when the worker ended under it. */
  exit_code: number | null;
  exit_signal: number | null;
  /** Screen and scrollback as escape sequences, zstd; absent before the first save. */
  snapshot: Uint8Array | null;
  created_at_ms: number;
}
