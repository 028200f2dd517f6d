import type { Terminal } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { TerminalState } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { formatTable, printableJson } from "../format-table.ts";
import type { Output } from "../output.ts";

export function printTerminals(
  all: readonly Terminal[],
  { json, output }: { readonly json: boolean; readonly output: Output },
): void {
  const rows = all.map((terminal) => ({
    terminal_id: terminal.terminalId,
    state: terminal.state === TerminalState.RUNNING ? "running" : "exited",
    runs: terminal.foregroundCommand || terminal.shell,
    title: terminal.title,
    size: `${terminal.cols}x${terminal.rows}`,
    created_at: timeOf(terminal.createdAtMs),
  }));
  if (json) output.print(printableJson({ terminals: rows }));
  else if (rows.length === 0) output.print("No terminal is open.");
  else {
    const head = ["ID", "STATE", "RUNS", "SIZE", "SINCE", "TITLE"];
    const cells = rows.map((row) => [
      row.terminal_id,
      row.state,
      row.runs,
      row.size,
      row.created_at.replace("T", " ").slice(0, 16),
      row.title,
    ]);
    for (const line of formatTable(head, cells)) output.print(line);
  }
}

/** The worker's word: it may be no time at all. */
function timeOf(ms: bigint): string {
  return new Date(Math.min(Math.max(Number(ms), 0), 8.64e15)).toISOString();
}
