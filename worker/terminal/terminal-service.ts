import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type {
  AttachTerminalRequest,
  TerminalService,
} from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import { maxIdLength } from "@leapmux/shared/limits/limits.ts";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import { readCaller } from "../dispatch/caller.ts";
import { isTerminalSize } from "./choose-size.ts";
import { isTooLongTitle } from "./clean-title.ts";
import { type ScopedTerminals, scopeTerminals } from "./scoped-terminals.ts";
import { terminalErrors } from "./terminal-error.ts";
import type { Terminals } from "./terminals.ts";
import type { AttachedView } from "./terminal-views.ts";
import { watchTerminals } from "./watch-terminals.ts";

/** TerminalService for the proven caller; terminals that are not theirs, or not granted, do not exist for them. */
export function makeTerminalService(options: {
  readonly terminals: Terminals;
  readonly clock: Clock;
}): ServiceImpl<typeof TerminalService> {
  const { terminals, clock } = options;
  const scopedFor = (context: Pick<HandlerContext, "values">): ScopedTerminals =>
    scopeTerminals(terminals, readCaller(context));

  return {
    listShells(_request, context) {
      readCaller(context);
      return { shells: terminals.listShells().map((shell) => ({ ...shell })) };
    },

    async openTerminal(request, context) {
      const scoped = scopedFor(context);
      const { terminalId, workspaceId, likeTerminalId, cols, rows } = request;
      checkIds(terminalId, workspaceId);
      checkSize(cols, rows);
      checkTitle(request.title);
      checkCommand(request.command);
      const like = likeTerminalId === "" ? null : scoped.get(likeTerminalId);
      await like?.refresh();
      const directory = like?.directory ?? request.directory;
      const terminal = await scoped.open({ ...request, directory });
      return { terminal: terminal.describe() };
    },

    async getTerminal(request, context) {
      const terminal = scopedFor(context).get(request.terminalId);
      await terminal.refresh();
      return { terminal: terminal.describe() };
    },

    async *attachTerminal(requests, context) {
      const scoped = scopedFor(context);
      const reader = requests[Symbol.asyncIterator]();
      const first = await reader.next();
      const begin = first.done ? undefined : first.value.body;
      if (begin?.case !== "begin") throw terminalErrors.noBegin();
      const { terminalId, viewId, cols, rows } = begin.value;
      checkIds(viewId);
      checkSize(cols, rows);
      const terminal = scoped.get(terminalId);
      const view = await terminal.attach(begin.value, scoped.isReadOnly);

      const detach = (): void => view.detach();
      // Its tab may be moved to a workspace that was not granted.
      const leaveUnseen = (): void => {
        if (!scoped.isVisible(terminal)) view.detach(terminalErrors.notFound());
      };
      const stopWatching = scoped.watch((change) => {
        if (change.terminal === terminal) leaveUnseen();
      });
      leaveUnseen();
      context.signal.addEventListener("abort", detach, { once: true });
      if (context.signal.aborted) detach();
      void receiveAll(view, reader);
      try {
        for await (const body of view.events()) yield { body };
      } finally {
        stopWatching();
        detach();
      }
    },

    watchTerminals(request, context) {
      const scoped = scopedFor(context);
      const { workspaceId } = request;
      return watchTerminals({ scoped, workspaceId, clock, signal: context.signal });
    },

    renameTerminal(request, context) {
      const terminal = scopedFor(context).get(request.terminalId);
      checkTitle(request.title);
      terminal.rename(request.title);
      return { terminal: terminal.describe() };
    },

    async restartTerminal(request, context) {
      const terminal = scopedFor(context).get(request.terminalId);
      terminal.actIn(request.viewId);
      await terminals.restart(terminal);
      return { terminal: terminal.describe() };
    },

    async closeTerminal(request, context) {
      await scopedFor(context).close(request.terminalId);
      return {};
    },
  };
}

/** Requests of one view to its end; what it did wrong ends its events. */
async function receiveAll(
  view: AttachedView,
  reader: AsyncIterator<AttachTerminalRequest>,
): Promise<void> {
  try {
    for (;;) {
      const result: IteratorResult<AttachTerminalRequest, unknown> = await reader.next();
      if (result.done) break;
      await view.receive(result.value.body);
    }
    view.detach();
  } catch (error) {
    view.detach(error instanceof Error ? error : undefined);
  }
}

const idPattern = /^[A-Za-z0-9_-]+$/;

function checkIds(...ids: readonly string[]): void {
  for (const id of ids) {
    if (id.length > maxIdLength || !idPattern.test(id)) throw terminalErrors.badId();
  }
}

function checkSize(cols: number, rows: number): void {
  if (!isTerminalSize(cols, rows)) throw terminalErrors.badSize();
}

function checkTitle(title: string): void {
  if (isTooLongTitle(title)) throw terminalErrors.badTitle();
}

/** The system takes one argument up to 128 KiB, and none with a zero in it. */
const maxCommandLength = 64 * 1024;

function checkCommand(command: string): void {
  if (Buffer.byteLength(command) > maxCommandLength || command.includes("\0")) {
    throw terminalErrors.badCommand();
  }
}
