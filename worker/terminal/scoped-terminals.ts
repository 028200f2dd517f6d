import type { Caller } from "../dispatch/caller.ts";
import { makeScopeError } from "../dispatch/method-needs.ts";
import type { Terminal } from "./terminal.ts";
import { terminalErrors } from "./terminal-error.ts";
import type { NewTerminal, TerminalChange, Terminals } from "./terminals.ts";

/** The terminals as one caller sees them: those of the owner, in the granted workspaces. Others do not exist. */
export interface ScopedTerminals {
  /** Looks only. */
  readonly isReadOnly: boolean;
  list(): readonly Terminal[];
  get(terminalId: string): Terminal;
  open(wanted: NewTerminal): Promise<Terminal>;
  close(terminalId: string): Promise<void>;
  isVisible(terminal: Terminal): boolean;
  watch(changed: (change: TerminalChange) => void): () => void;
}

export function scopeTerminals(terminals: Terminals, caller: Caller): ScopedTerminals {
  const { ownerId, scope } = caller;

  function isGranted(workspaceId: string): boolean {
    return scope.kind === "full" || scope.workspaceIds.has(workspaceId);
  }

  function isVisible(terminal: Terminal): boolean {
    return terminal.userId === ownerId && isGranted(terminal.workspaceId);
  }

  return {
    isReadOnly: scope.kind === "workspaces" && scope.role === "view",
    isVisible,
    list: () => terminals.list(ownerId).filter(isVisible),

    get(terminalId) {
      const terminal = terminals.get(ownerId, terminalId);
      if (!isVisible(terminal)) throw terminalErrors.notFound();
      return terminal;
    },

    async open(wanted) {
      if (!isGranted(wanted.workspaceId)) throw makeScopeError();
      const known = terminals.list(ownerId).find((one) => one.terminalId === wanted.terminalId);
      // Opening would move it here, out of a workspace that was not granted.
      if (known && !isVisible(known)) throw terminalErrors.exists();
      return terminals.open(ownerId, wanted, isVisible);
    },

    async close(terminalId) {
      const known = terminals.list(ownerId).find((one) => one.terminalId === terminalId);
      if (known && isVisible(known)) await terminals.close(ownerId, terminalId);
    },

    watch: (changed) =>
      terminals.watch((change) => {
        if (change.terminal.userId === ownerId) changed(change);
      }),
  };
}
