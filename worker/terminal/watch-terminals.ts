import type { MessageInitShape } from "@bufbuild/protobuf";
import type { WatchTerminalsResponseSchema } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import type { Terminals } from "./terminals.ts";

type WatchEvent = MessageInitShape<typeof WatchTerminalsResponseSchema>;

/** Changes of one terminal that come together are told once. */
const gatherMs = 40;

/**
 * The terminals of a user, then each change until `signal`. A slow reader gets the newest of each terminal
 * and no history: what waits is at most one entry per terminal.
 */
export async function* watchTerminals(options: {
  readonly terminals: Terminals;
  readonly userId: string;
  /** Empty: all. */
  readonly workspaceId: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): AsyncGenerator<WatchEvent, void, undefined> {
  const { terminals, userId, workspaceId, clock, signal } = options;
  /** What is to be told: how each terminal is now, or that it is closed. */
  const waiting = new Map<string, () => WatchEvent>();
  let rouse: (() => void) | null = null;
  let cancelGather: (() => void) | null = null;
  const wake = (): void => rouse?.();

  const stopWatching = terminals.watch(({ kind, terminal }) => {
    if (terminal.userId !== userId) return;
    if (workspaceId !== "" && terminal.workspaceId !== workspaceId) return;
    const { terminalId } = terminal;
    waiting.set(terminalId, () =>
      kind === "closed"
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
    for (const terminal of terminals.list(userId)) {
      if (workspaceId !== "" && terminal.workspaceId !== workspaceId) continue;
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
