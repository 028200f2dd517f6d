import { type Client, ConnectError } from "@connectrpc/connect";
import { nodeRandom } from "@leapmux/native/node-platform.ts";
import type { Terminal, TerminalService } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { encodeBase64url } from "@leapmux/shared/identity/base64url.ts";
import type { TerminalSize } from "@leapmux/shared/terminal/attachment.ts";
import { CommandError } from "../command-error.ts";

/** Terminals from here belong to no workspace of the hub's, which so learns nothing of them. */
export const workspaceId = "command-line";
const callTimeoutMs = 20_000;

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
  const { terminal } = await terminals
    .openTerminal(
      {
        // The form of a tab's id, so that a browser can give it one.
        terminalId: `tab_${encodeBase64url(nodeRandom(16))}`,
        workspaceId,
        command,
        ...size,
      },
      { timeoutMs: callTimeoutMs },
    )
    .catch((error: unknown) => {
      throw new CommandError("failure", `no terminal: ${ConnectError.from(error).rawMessage}`);
    });
  if (!terminal) throw new CommandError("failure", "the worker answered without a terminal");
  return { terminal, isNew: terminal.outputEpoch !== "" };
}

/** As they are now. */
export async function listTerminals(
  terminals: Client<typeof TerminalService>,
): Promise<Terminal[]> {
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
