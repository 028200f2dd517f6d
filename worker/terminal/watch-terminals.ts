import type { MessageInitShape } from "@bufbuild/protobuf";
import type { WatchTerminalsResponseSchema } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import type { ScopedTerminals } from "./scoped-terminals.ts";
import type { Terminal } from "./terminal.ts";

type WatchEvent = MessageInitShape<typeof WatchTerminalsResponseSchema>;

/** Changes of one terminal that come together are told once. */
const gatherMs = 40;

/**
 * The terminals of a caller, then each change until `signal`. A slow reader gets the newest of each terminal
 * and no history: what waits is at most one entry per terminal.
 */
export async function* watchTerminals(options: {
  readonly scoped: Pick<ScopedTerminals, "list" | "watch" | "isVisible">;
  /** Empty: all. */
  readonly workspaceId: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): AsyncGenerator<WatchEvent, void, undefined> {
  const { scoped, workspaceId, clock, signal } = options;
  /** What is to be told: how each terminal is now, or that it is closed. */
  const waiting = new Map<string, () => WatchEvent>();
  let rouse: (() => void) | null = null;
  let cancelGather: (() => void) | null = null;
  const wake = (): void => rouse?.();

  const isTold = (terminal: Terminal): boolean =>
    scoped.isVisible(terminal) && (workspaceId === "" || terminal.workspaceId === workspaceId);
  /** Those that the reader has: one that leaves the granted workspaces is closed for them. */
  const told = new Set<string>();

  const stopWatching = scoped.watch(({ kind, terminal }) => {
    const { terminalId } = terminal;
    const isSeen = isTold(terminal);
    if (!isSeen && (scoped.isVisible(terminal) || !told.has(terminalId))) return;
    if (isSeen) told.add(terminalId);
    else told.delete(terminalId);
    waiting.set(terminalId, () =>
      kind === "closed" || !scoped.isVisible(terminal)
        ? { body: { case: "closedTerminalId", value: terminalId } }
        : { body: { case: "terminal", value: terminal.describe() } },
    );
    cancelGather ??= clock.after(gatherMs, () => {
      cancelGather = null;
      wake();
    });
  });
  const stopGathering = (): void => cancelGather?.();
  signal.addEventListener("abort", wake, { once: true });

  try {
    for (const terminal of scoped.list()) {
      if (!isTold(terminal)) continue;
      told.add(terminal.terminalId);
      yield { body: { case: "terminal", value: terminal.describe() } };
    }
    yield { body: { case: "complete", value: {} } };
    while (!signal.aborted) {
      const [next] = waiting;
      if (next && !cancelGather) {
        waiting.delete(next[0]);
        yield next[1]();
      } else {
        await new Promise<void>((resolve) => (rouse = resolve));
      }
    }
  } finally {
    stopWatching();
    stopGathering();
    signal.removeEventListener("abort", wake);
  }
}
