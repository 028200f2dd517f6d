import { TerminalService } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { recall, remember } from "../app/remembered.ts";
import type { WorkerConnections } from "../link/worker-connections.ts";

/**
 * Terminals whose tab is gone and that the worker must still end. A worker that is away now is told
 * when it is back, even after this page was loaded anew. Ending is idempotent, so twice is harmless.
 */
export interface PendingCloses {
  close(workerId: string, terminalId: string): void;
  isPending(terminalId: string): boolean;
  /** Tells the worker all that still waits for it. */
  flush(workerId: string): void;
}

const mostPending = 500;

export function makePendingCloses(
  connections: WorkerConnections,
  closed: (terminalId: string) => void,
): PendingCloses {
  let pending = parsePending(recall("pending-closes"));
  const running = new Set<string>();

  function save(next: [string, string][]): void {
    pending = next.slice(-mostPending);
    remember("pending-closes", pending.length > 0 ? JSON.stringify(pending) : undefined);
  }

  async function tell(workerId: string, terminalId: string): Promise<void> {
    if (running.has(terminalId)) return;
    running.add(terminalId);
    try {
      await connections.of(workerId).client(TerminalService).closeTerminal({ terminalId });
      save(pending.filter(([, id]) => id !== terminalId));
      closed(terminalId);
    } catch {
      // Stays in the list for the next flush.
    } finally {
      running.delete(terminalId);
    }
  }

  return {
    close(workerId, terminalId) {
      save([...pending.filter(([, id]) => id !== terminalId), [workerId, terminalId]]);
      void tell(workerId, terminalId);
    },
    isPending: (terminalId) => pending.some(([, id]) => id === terminalId),
    flush(workerId) {
      for (const [ofWorker, terminalId] of pending) {
        if (ofWorker === workerId) void tell(ofWorker, terminalId);
      }
    },
  };
}

function parsePending(text: string | undefined): [string, string][] {
  try {
    const parsed: unknown = JSON.parse(text ?? "[]");
    if (!Array.isArray(parsed)) return [];
    return parsed.filter(
      (entry): entry is [string, string] =>
        Array.isArray(entry) &&
        entry.length === 2 &&
        entry.every((part) => typeof part === "string"),
    );
  } catch {
    return [];
  }
}
