import { type Client, ConnectError } from "@connectrpc/connect";
import { nodeRandom } from "@leapmux/native/node-platform.ts";
import type { Terminal, TerminalService } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { encodeBase64url } from "@leapmux/shared/identity/base64url.ts";
import { maxIdLength } from "@leapmux/shared/limits/limits.ts";
import type { TerminalSize } from "@leapmux/shared/terminal/attachment.ts";
import { CommandError } from "../command-error.ts";

/** Terminals from here belong to no workspace of the hub's, which so learns nothing of them. */
export const workspaceId = "command-line";
const callTimeoutMs = 20_000;
/** Far more than an honest worker has. */
const mostTerminals = 1_000;

/** A new terminal, or of those on the worker the one that was named. */
export async function findTerminal(
  terminals: Client<typeof TerminalService>,
  wanted: {
    /** An id, or the beginning of one; else a new one is opened. */
    readonly attach: string | undefined;
    readonly command: string;
    readonly size: TerminalSize;
  },
): Promise<{ terminal: Terminal; isNew: boolean }> {
  const { attach, command, size } = wanted;
  if (attach !== undefined) {
    const all = await listTerminals(terminals);
    const exact = all.filter(({ terminalId }) => terminalId === attach);
    const found =
      exact.length > 0 ? exact : all.filter(({ terminalId }) => terminalId.startsWith(attach));
    const [terminal, second] = found;
    const next = "`leapmux shell WORKER --list` shows which there are.";
    if (!terminal) throw new CommandError("failure", `there is no terminal ${attach}`, next);
    if (second) throw new CommandError("usage", `several terminals begin with ${attach}`, next);
    return { terminal, isNew: false };
  }
  // The form of a tab's id, so that a browser can give it one.
  const terminalId = `tab_${encodeBase64url(nodeRandom(16))}`;
  const { terminal } = await terminals
    .openTerminal(
      {
        terminalId,
        workspaceId,
        command,
        ...size,
      },
      { timeoutMs: callTimeoutMs },
    )
    .catch((error: unknown) => {
      throw new CommandError("failure", `no terminal: ${ConnectError.from(error).rawMessage}`);
    });
  if (terminal?.terminalId !== terminalId) {
    throw new CommandError("failure", "the worker answered without the terminal");
  }
  return { terminal, isNew: terminal.outputEpoch !== "" };
}

/** As they are now; the worker's word, so an id has to be one that may stand in a command line. */
export async function listTerminals(
  terminals: Client<typeof TerminalService>,
): Promise<Terminal[]> {
  const all: Terminal[] = [];
  const abort = new AbortController();
  const watched = terminals.watchTerminals({}, { signal: abort.signal, timeoutMs: callTimeoutMs });
  try {
    for await (const { body } of watched) {
      if (body.case === "terminal" && isTerminalId(body.value.terminalId)) all.push(body.value);
      if (all.length > mostTerminals) {
        throw new CommandError("failure", `the worker lists more than ${mostTerminals} terminals`);
      }
      if (body.case === "complete") break;
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError("failure", `no list: ${ConnectError.from(error).rawMessage}`);
  } finally {
    abort.abort();
  }
  return all;
}

function isTerminalId(text: string): boolean {
  return text.length <= maxIdLength && /^[\w-]+$/.test(text);
}
