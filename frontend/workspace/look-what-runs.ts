import { Code, ConnectError } from "@connectrpc/connect";
import type { LiveTerminal } from "./live-terminals.ts";

/** What closing a terminal would end. Unknown is not nothing: then a person is asked. */
export type WhatRuns =
  | { readonly kind: "nothing" }
  | { readonly kind: "command"; readonly command: string }
  | { readonly kind: "unknown"; readonly why: "offline" | "no_answer" };

export async function lookWhatRuns(found: {
  /** As last told by the worker; undefined: it told of none. */
  readonly terminal: Pick<LiveTerminal, "running" | "foregroundCommand"> | undefined;
  /** The worker told all that it has. */
  readonly isComplete: boolean;
  readonly isOnline: boolean;
  /** Asks the worker for the name of the program in front, empty for none; rejects when it does not say. */
  readonly ask: () => Promise<string>;
}): Promise<WhatRuns> {
  const { terminal, isComplete, isOnline, ask } = found;
  if (terminal ? !terminal.running : isComplete) return { kind: "nothing" };
  if (terminal?.foregroundCommand) return nameOf(terminal.foregroundCommand);
  if (!isOnline) return { kind: "unknown", why: "offline" };
  try {
    // What was told may be a moment old.
    return nameOf(await ask());
  } catch (error) {
    if (ConnectError.from(error).code === Code.NotFound) return { kind: "nothing" };
    return { kind: "unknown", why: "no_answer" };
  }
}

function nameOf(command: string): WhatRuns {
  return command === "" ? { kind: "nothing" } : { kind: "command", command };
}
