import type { LiveTerminal } from "./live-terminals.ts";

/**
 * What a tab is called: what the user or the program says, else what runs, else the shell; with the
 * directory, since ten tabs named "bash" tell nobody anything.
 */
export function titleOf(terminal: LiveTerminal | undefined): string {
  if (!terminal) return "Terminal";
  if (terminal.title) return terminal.title;
  const what = terminal.foregroundCommand || baseName(terminal.shell) || "Terminal";
  const where = baseName(terminal.directory);
  return where ? `${where} — ${what}` : what;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
