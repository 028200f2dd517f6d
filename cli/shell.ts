// `leapmux shell [WORKER]`: a terminal on a worker, through the same sealed channel as the browser's. The
// exit code is that of the program on the worker; 255 and 254 are ours (docs/command-line.md).
import { type Client, ConnectError, createClient } from "@connectrpc/connect";
import { nodeRandom } from "@leapmux/native/node-platform.ts";
import {
  type Terminal,
  TerminalService,
  TerminalState,
} from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { describeCloseReason } from "@leapmux/shared/errors/describe-close-reason.ts";
import { encodeBase64url } from "@leapmux/shared/identity/base64url.ts";
import { PrivatePathError } from "@leapmux/shared/platform/check-private-path.ts";
import { chooseWorker, type ListedWorker, listWorkers } from "./channel/choose-worker.ts";
import { chooseHub } from "./channel/choose-hub.ts";
import { type KnownHub, meetHub } from "./channel/meet-hub.ts";
import { type OpenWorker, openWorker } from "./channel/open-worker.ts";
import { makePinFile } from "./channel/pin-file.ts";
import { RefusedError } from "./channel/refused-error.ts";
import { CommandError } from "./command-error.ts";
import { formatTable } from "./format-table.ts";
import type { StoredLogins } from "./local/stored-logins.ts";
import type { Output } from "./output.ts";
import type { StopRequest } from "./stop-request.ts";
import { escapeHelp, followTerminal, type TerminalEnd } from "./shell/follow-terminal.ts";
import { type LocalTerminal, openLocalTerminal } from "./shell/local-terminal.ts";

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

/** What ended here and not on the worker. */
const failed = 255;
/** A login, a device or a worker's key that is not, or no longer, accepted. */
const refused = 254;
/** As shells say it of a program that a signal ended. */
const signalBase = 128;
const sigpipe = 13;

/** Terminals from here belong to no workspace of the hub's, which so learns nothing of them. */
const workspaceId = "command-line";
const callTimeoutMs = 20_000;
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
    if (options.list) return await list(terminals, options);
    const { terminal, isNew } = await findTerminal(terminals, local, options);
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

async function findTerminal(
  terminals: Client<typeof TerminalService>,
  local: LocalTerminal,
  { attach, command }: ShellOptions,
): Promise<{ terminal: Terminal; isNew: boolean }> {
  if (attach !== undefined) {
    const all = await watchOnce(terminals);
    const exact = all.filter(({ terminalId }) => terminalId === attach);
    const found =
      exact.length > 0 ? exact : all.filter(({ terminalId }) => terminalId.startsWith(attach));
    const [terminal, second] = found;
    const next = "`leapmux shell WORKER --list` shows which there are.";
    if (!terminal) throw new CommandError("failure", `there is no terminal ${attach}`, next);
    if (second) throw new CommandError("usage", `several terminals begin with ${attach}`, next);
    return { terminal, isNew: false };
  }
  const { terminal } = await terminals
    .openTerminal(
      {
        // The form of a tab's id, so that a browser can give it one.
        terminalId: `tab_${encodeBase64url(nodeRandom(16))}`,
        workspaceId,
        command,
        ...local.size(),
      },
      { timeoutMs: callTimeoutMs },
    )
    .catch((error: unknown) => {
      throw new CommandError("failure", `no terminal: ${ConnectError.from(error).rawMessage}`);
    });
  if (!terminal) throw new CommandError("failure", "the worker answered without a terminal");
  return { terminal, isNew: terminal.outputEpoch !== "" };
}

async function watchOnce(terminals: Client<typeof TerminalService>): Promise<Terminal[]> {
  const all: Terminal[] = [];
  const abort = new AbortController();
  const watched = terminals.watchTerminals({}, { signal: abort.signal, timeoutMs: callTimeoutMs });
  try {
    for await (const { body } of watched) {
      if (body.case === "terminal") all.push(body.value);
      if (body.case === "complete") break;
    }
  } catch (error) {
    throw new CommandError("failure", `no list: ${ConnectError.from(error).rawMessage}`);
  } finally {
    abort.abort();
  }
  return all;
}

async function list(
  terminals: Client<typeof TerminalService>,
  { json, output }: ShellOptions,
): Promise<number> {
  const all = await watchOnce(terminals);
  const rows = all.map((terminal) => ({
    terminal_id: terminal.terminalId,
    state: terminal.state === TerminalState.RUNNING ? "running" : "exited",
    runs: terminal.foregroundCommand || terminal.shell,
    title: terminal.title,
    size: `${terminal.cols}x${terminal.rows}`,
    created_at: new Date(Number(terminal.createdAtMs)).toISOString(),
  }));
  if (json) output.print(JSON.stringify({ terminals: rows }));
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
  return 0;
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

function conclude(
  end: TerminalEnd,
  about: {
    terminal: Terminal;
    worker: ListedWorker;
    known: KnownHub;
    local: LocalTerminal;
    output: Output;
    stop: StopRequest;
  },
): number {
  const { terminal, worker, known, local, output, stop } = about;
  const back = `leapmux shell ${worker.workerId} --hub ${known.hub} --attach ${terminal.terminalId}`;
  const fail = (message: string, next?: string): number => {
    output.error(new CommandError("failure", message, next));
    return failed;
  };
  switch (end.kind) {
    case "exited":
      if (end.code !== undefined) return end.code & 0xff;
      if (end.signal > 0) return signalBase + end.signal;
      return fail(`the worker ${worker.name} was stopped, and the program with it`);
    case "left":
      local.notice(`Left running. Back to it: ${back}`);
      return 0;
    case "stopped":
      local.notice(`Stopped here; it runs on there. Back to it: ${back}`);
      return stop.exitCode();
    case "unread":
      return fail("nobody reads the output any more", `It runs on: ${back}`);
    case "gone":
      return fail("the terminal was closed elsewhere");
    case "login_ended":
      output.error(
        new CommandError(
          "failure",
          `the login of this command line at ${known.hub} was ended (${end.reason.replaceAll("_", " ")})`,
          `The terminal runs on. Log in again: leapmux login ${known.hub}`,
        ),
      );
      return refused;
    case "refused":
      output.error(
        new CommandError(
          "failure",
          end.reason === "device_not_trusted"
            ? `${worker.name} does not trust this device any more: it was revoked, or its approval has expired`
            : `${worker.name} was closed to this device: ${describeCloseReason(end.reason)}`,
          "The terminal runs on. `leapmux device` shows how this device stands.",
        ),
      );
      return refused;
  }
}
