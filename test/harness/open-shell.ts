/** A plain `/bin/sh` in a terminal, with one view attached and a prompt that is known. */
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import type { TestChannel } from "./test-client.ts";
import { makeTerminalView, type TerminalView, type TerminalViewOptions } from "./terminal-view.ts";

export interface OpenedShell {
  readonly terminalId: string;
  readonly view: TerminalView;
}

export const testWorkspaceId = `wsp_${"A".repeat(22)}`;

function makeTerminalId(): string {
  return `tab_${randomBytes(16).toString("base64url")}`;
}

export async function openShell(
  channel: TestChannel,
  options: TerminalViewOptions & { directory?: string; workspaceId?: string } = {},
): Promise<OpenedShell> {
  const terminalId = makeTerminalId();
  await channel.terminals.openTerminal({
    terminalId,
    workspaceId: options.workspaceId ?? testWorkspaceId,
    shell: "/bin/sh",
    directory: options.directory ?? tmpdir(),
    cols: options.cols ?? 80,
    rows: options.rows ?? 24,
  });
  const view = makeTerminalView(terminalId, options);
  await view.attach(channel.terminals);
  await settle(view);
  return { terminalId, view };
}

let fences = 0;

/**
 * Everything typed so far was read by the shell: it answers with a number that it computes, so that the
 * echo of the question is not mistaken for the answer.
 */
export async function settle(view: TerminalView): Promise<void> {
  fences += 1;
  view.type(`echo fence-$((1000000 + ${fences}))-\r`);
  await view.untilText(`fence-${1_000_000 + fences}-`);
}
