import {
  type Terminal,
  TerminalService,
  TerminalState,
} from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { onCleanup } from "solid-js";
import { createStore, produce, reconcile } from "solid-js/store";
import { recall, remember } from "../app/remembered.ts";
import type { WorkerConnections } from "../link/worker-connections.ts";

/** What a tab shows of its terminal; comes sealed from the worker, never through the hub in clear. */
export interface LiveTerminal {
  readonly id: string;
  readonly workspaceId: string;
  readonly workerId: string;
  readonly title: string;
  readonly titleIsManual: boolean;
  readonly directory: string;
  readonly shell: string;
  readonly running: boolean;
  readonly exitCode: number | undefined;
  readonly cols: number;
  readonly rows: number;
  /** Empty while the shell waits at its prompt. */
  readonly foregroundCommand: string;
  readonly bellCount: number;
  readonly createdAtMs: number;
}

export interface LiveTerminals {
  get(terminalId: string): LiveTerminal | undefined;
  /** All that are known in a workspace. */
  inWorkspace(workspaceId: string): readonly LiveTerminal[];
  /** All that are known on a worker. */
  onWorker(workerId: string): readonly LiveTerminal[];
  /** Follows all terminals of the user on this worker, through every loss of the channel. */
  watch(workerId: string): void;
  /** The worker told all that it has. */
  complete(workerId: string): boolean;
  put(workerId: string, terminal: Terminal): void;
  forget(terminalId: string): void;
  setTitle(terminalId: string, title: string, titleIsManual: boolean): void;
  /** It rang since the user last looked at it. */
  rang(terminalId: string): boolean;
  look(terminalId: string): void;
}

const firstRetryMs = 1000;
const lastRetryMs = 30_000;

export function createLiveTerminals(connections: WorkerConnections): LiveTerminals {
  const [byId, setById] = createStore<Record<string, LiveTerminal | undefined>>({});
  const [completed, setCompleted] = createStore<Record<string, boolean>>({});
  const [heard, setHeard] = createStore<Record<string, number>>(parseCounts(recall("bells")));
  const watched = new Set<string>();
  const ending = new AbortController();
  onCleanup(() => ending.abort());

  function put(workerId: string, terminal: Terminal): void {
    const next = toLive(workerId, terminal);
    // Bells from before this browser knew the terminal are nobody's news.
    if (heard[next.id] === undefined || next.bellCount < heard[next.id]!) {
      setHeard(next.id, next.bellCount);
    }
    if (byId[next.id]) setById(next.id, reconcile(next));
    else setById(next.id, next);
  }

  function forget(terminalId: string): void {
    setById(terminalId, undefined);
    setHeard(produce((counts) => delete counts[terminalId]));
  }

  async function follow(workerId: string): Promise<void> {
    const client = connections.of(workerId).client(TerminalService);
    const seen = new Set<string>();
    for await (const { body } of client.watchTerminals(
      {},
      { signal: ending.signal, timeoutMs: 0 },
    )) {
      if (body.case === "terminal") {
        seen.add(body.value.terminalId);
        put(workerId, body.value);
      } else if (body.case === "closedTerminalId") {
        forget(body.value);
      } else if (body.case === "complete") {
        for (const terminal of Object.values(byId)) {
          if (terminal?.workerId === workerId && !seen.has(terminal.id)) forget(terminal.id);
        }
        setCompleted(workerId, true);
      }
    }
  }

  async function followForGood(workerId: string): Promise<void> {
    let retryMs = firstRetryMs;
    while (!ending.signal.aborted) {
      const startedMs = performance.now();
      await follow(workerId).catch(() => {});
      if (connections.of(workerId).state().kind === "refused") break;
      if (performance.now() - startedMs > lastRetryMs) retryMs = firstRetryMs;
      await pause(retryMs, ending.signal);
      retryMs = Math.min(retryMs * 2, lastRetryMs);
    }
    watched.delete(workerId);
  }

  return {
    put,
    forget,
    get: (id) => byId[id],
    inWorkspace: (workspaceId) =>
      Object.values(byId).filter(
        (terminal) => terminal?.workspaceId === workspaceId,
      ) as LiveTerminal[],
    onWorker: (workerId) =>
      Object.values(byId).filter((terminal) => terminal?.workerId === workerId) as LiveTerminal[],
    complete: (workerId) => completed[workerId] === true,
    watch(workerId) {
      if (watched.has(workerId)) return;
      watched.add(workerId);
      void followForGood(workerId);
    },
    setTitle(id, title, titleIsManual) {
      if (byId[id]) setById(id, (terminal) => ({ ...terminal!, title, titleIsManual }));
    },
    rang: (id) => (byId[id]?.bellCount ?? 0) > (heard[id] ?? 0),
    look(id) {
      const count = byId[id]?.bellCount;
      if (count === undefined || count === heard[id]) return;
      setHeard(id, count);
      remember("bells", JSON.stringify(heard));
    },
  };
}

function toLive(workerId: string, terminal: Terminal): LiveTerminal {
  return {
    id: terminal.terminalId,
    workspaceId: terminal.workspaceId,
    workerId,
    title: terminal.title,
    titleIsManual: terminal.titleIsManual,
    directory: terminal.directory,
    shell: terminal.shell,
    running: terminal.state === TerminalState.RUNNING,
    exitCode: terminal.exitCode,
    cols: terminal.cols,
    rows: terminal.rows,
    foregroundCommand: terminal.foregroundCommand,
    bellCount: Number(terminal.bellCount),
    createdAtMs: Number(terminal.createdAtMs),
  };
}

function parseCounts(text: string | undefined): Record<string, number> {
  try {
    const parsed: unknown = JSON.parse(text ?? "{}");
    if (typeof parsed !== "object" || parsed === null) return {};
    return Object.fromEntries(
      Object.entries(parsed).filter((entry): entry is [string, number] =>
        Number.isInteger(entry[1]),
      ),
    );
  } catch {
    return {};
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms);
    function end(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    }
    signal.addEventListener("abort", end, { once: true });
  });
}
