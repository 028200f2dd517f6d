// `leapmux shell [WORKER]`: a terminal on a worker, through the same sealed channel as the browser's. The
// exit code is that of the program on the worker; 255 and 254 are ours (docs/command-line.md).
import { createClient } from "@connectrpc/connect";
import { TerminalService } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { PrivatePathError } from "@leapmux/shared/platform/check-private-path.ts";
import { chooseHub } from "./channel/choose-hub.ts";
import { chooseWorker, listWorkers } from "./channel/choose-worker.ts";
import { meetHub } from "./channel/meet-hub.ts";
import { type OpenWorker, openWorker } from "./channel/open-worker.ts";
import { makePinFile } from "./channel/pin-file.ts";
import { RefusedError } from "./channel/refused-error.ts";
import { CommandError } from "./command-error.ts";
import type { StoredLogins } from "./local/stored-logins.ts";
import type { Output } from "./output.ts";
import { conclude } from "./shell/conclude.ts";
import { failed, refused, signalBase, sigpipe } from "./shell/exit-codes.ts";
import { findTerminal, listTerminals, workspaceId } from "./shell/find-terminal.ts";
import { escapeHelp, followTerminal } from "./shell/follow-terminal.ts";
import { openLocalTerminal } from "./shell/local-terminal.ts";
import { printTerminals } from "./shell/print-terminals.ts";
import type { StopRequest } from "./stop-request.ts";

export interface ShellOptions {
  readonly worker: string | undefined;
  readonly hub: string | undefined;
  /** For the worker's shell to run; empty: an interactive one. */
  readonly command: string;
  /** A terminal that is there already: its id, or the beginning of one. */
  readonly attach: string | undefined;
  readonly list: boolean;
  readonly json: boolean;
  /** Words of the worker's key that the person knows. */
  readonly trust: string | undefined;
  readonly configHome: string;
  readonly logins: StoredLogins;
  readonly output: Output;
  readonly stop: StopRequest;
}

const closeTimeoutMs = 2_000;

export async function runShell(options: ShellOptions): Promise<number> {
  const { output, stop } = options;
  try {
    return await run(options);
  } catch (error) {
    if (stop.signal.aborted) {
      output.warn("given up");
      return stop.exitCode();
    }
    const told =
      error instanceof PrivatePathError
        ? new CommandError("failure", error.message, error.next, error)
        : error;
    if (!(told instanceof CommandError) || told.code === "usage") throw error;
    output.error(told);
    return told instanceof RefusedError ? refused : failed;
  }
}

async function run(options: ShellOptions): Promise<number> {
  const { output, stop, command } = options;
  const { signal } = stop;
  const hub = chooseHub(options.hub, options.logins);
  const local = openLocalTerminal();
  if (!local.isInputTerminal && command === "" && !options.list) {
    throw new CommandError(
      "usage",
      "there is no terminal to type in",
      "Start it in one, or run something: leapmux shell WORKER --command CMD …",
    );
  }
  const known = await meetHub(hub, options.logins, signal);
  const worker = chooseWorker(await listWorkers(known, signal), options.worker);
  const open = await openWorker({
    known,
    worker,
    pins: makePinFile(options.configHome),
    configHome: options.configHome,
    expectedWords: options.trust,
    canAsk: local.isInputTerminal && output.watched,
    output,
    signal,
  });
  try {
    const terminals = createClient(TerminalService, open.transport);
    if (options.list) {
      printTerminals(await listTerminals(terminals), options);
      return 0;
    }
    const { attach } = options;
    const size = local.size();
    const { terminal, isNew } = await findTerminal(terminals, { attach, command, size });
    if (output.watched && local.isInputTerminal && command === "") {
      local.notice(`${isNew ? "A new terminal" : "A terminal"} on ${worker.name}. ${escapeHelp}`);
    }
    const end = await followTerminal({
      channel: open.channel,
      events: open.events,
      terminalId: terminal.terminalId,
      from: isNew ? { epoch: terminal.outputEpoch, offset: 0n } : undefined,
      local,
      stop: signal,
    });
    local.restore();
    const isOver = end.kind === "exited" && terminal.workspaceId === workspaceId;
    // As in a pipe of one machine: a command whose reader has gone has nobody to run for.
    const isForNobody = end.kind === "unread" && isNew && command !== "";
    if (isOver || isForNobody) await forget(open, terminal.terminalId);
    if (isForNobody) return signalBase + sigpipe;
    return conclude(end, { terminal, worker, known, local, output, stop });
  } finally {
    local.restore();
    open.channel.close();
  }
}

/** What ended is of no use to anybody; one with a tab stays, because the browser starts it anew. */
async function forget({ channel }: OpenWorker, terminalId: string): Promise<void> {
  const timeout = AbortSignal.timeout(closeTimeoutMs);
  await channel
    .whenOpen(timeout)
    .then((transport) =>
      createClient(TerminalService, transport).closeTerminal({ terminalId }, { signal: timeout }),
    )
    .catch(() => undefined);
}
