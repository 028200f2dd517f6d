import { type Terminal, TerminalState } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import type { WorkerConnectionState } from "@leapmux/shared/client/link-state.ts";
import type { AttachmentState } from "@leapmux/shared/terminal/attachment.ts";

/** How a view stands, for its looks, its notice and tests (`data-terminal-state`). */
export type ViewState = "connecting" | "live" | "disconnected" | "refused" | "exited" | "gone";

export function viewState(
  attachment: AttachmentState,
  connection: WorkerConnectionState,
  terminal: Terminal | undefined,
  wasLive: boolean,
): ViewState {
  if (connection.kind === "refused") return "refused";
  if (attachment === "gone") return wasLive ? "gone" : "connecting";
  if (attachment === "live" || attachment === "asleep") {
    return isExited(terminal) ? "exited" : "live";
  }
  return wasLive || connection.kind === "waiting" ? "disconnected" : "connecting";
}

export function isExited(terminal: Terminal | undefined): boolean {
  return terminal?.state === TerminalState.EXITED;
}

/** How the shell ended, one sentence. */
export function describeExit(terminal: Terminal): string {
  if (terminal.exitSignal !== undefined && terminal.exitSignal > 0) {
    return `The shell was ended by signal ${terminal.exitSignal}.`;
  }
  if (terminal.exitCode !== undefined) {
    return terminal.exitCode === 0
      ? "The shell ended."
      : `The shell ended with exit code ${terminal.exitCode}.`;
  }
  return "The worker restarted, and the shell ended with it.";
}
