import { createClient } from "@connectrpc/connect";
import { nodeClock, nodeRandom } from "@leapmux/native/node-platform.ts";
import { TerminalService, TerminalState } from "@leapmux/proto/sealed/v1/terminal_pb.ts";
import type { LinkState, WorkerConnectionState } from "@leapmux/shared/client/link-state.ts";
import type { CloseReason } from "@leapmux/shared/errors/close-reason.ts";
import { attachTerminal } from "@leapmux/shared/terminal/attach-terminal.ts";
import type { OutputPosition } from "@leapmux/shared/terminal/track-output.ts";
import type { WorkerChannel, WorkerChannelEvents } from "../channel/worker-channel.ts";
import { makeQueryFilter } from "./drop-queries.ts";
import type { LocalTerminal } from "./local-terminal.ts";
import { makeEscapeReader } from "./read-escapes.ts";

/** How a view from the command line ends. */
export type TerminalEnd =
  /** The program ended: its exit code, or the number of the signal that ended it. */
  | { readonly kind: "exited"; readonly code: number | undefined; readonly signal: number }
  | { readonly kind: "left" }
  /** The worker knows no such terminal any more. */
  | { readonly kind: "gone" }
  | { readonly kind: "refused"; readonly reason: CloseReason }
  | { readonly kind: "login_ended"; readonly reason: string }
  /** Our own output is read no more. */
  | { readonly kind: "unread" }
  | { readonly kind: "stopped" };

export const escapeHelp =
  "At the start of a line: ~. leaves the terminal running, ~~ types one ~, ~? shows this.";

/** Input that could not be sent yet is looked at again after this. */
const inputRetryMs = 25;

/** Joins a terminal on the worker with the one here, until either ends. Restores nothing: the caller does. */
export function followTerminal(options: {
  readonly channel: WorkerChannel;
  /** Handed over for as long as this runs. */
  readonly events: { current: WorkerChannelEvents };
  readonly terminalId: string;
  readonly from: OutputPosition | undefined;
  readonly local: LocalTerminal;
  readonly stop: AbortSignal;
}): Promise<TerminalEnd> {
  const { channel, local, stop } = options;
  const { promise, resolve } = Promise.withResolvers<TerminalEnd>();
  const filter = makeQueryFilter();
  const readEscapes = makeEscapeReader();
  const waitingInput: Uint8Array<ArrayBuffer>[] = [];
  let isLive = false;
  let wasLive = false;
  let wasTold = false;
  let hasDrawn = false;
  let cancelRetry = () => {};

  // 1. Output.
  const attachment = attachTerminal({
    client: {
      async *attachTerminal(requests, callOptions) {
        const transport = await channel.whenOpen(callOptions?.signal ?? stop);
        yield* createClient(TerminalService, transport).attachTerminal(requests, callOptions);
      },
      async restartTerminal(request, callOptions) {
        const transport = await channel.whenOpen(callOptions?.signal ?? stop);
        return createClient(TerminalService, transport).restartTerminal(request, callOptions);
      },
    },
    terminalId: options.terminalId,
    ...(options.from ? { from: options.from } : {}),
    size: local.size(),
    clock: nodeClock,
    random: nodeRandom,
    screen: {
      reset() {
        filter.reset();
        // Scrollback of what was here before stays.
        if (local.isOutputTerminal) void write("\u001b[!p\u001b[?1049l\u001b[0m\u001b[H\u001b[2J");
        else if (hasDrawn) local.notice("Some output is missing here: what follows is the screen.");
      },
      resize() {},
      write: (data) => write(local.isOutputTerminal ? filter.pass(data) : data),
    },
    onState(state) {
      if (state === "gone") return end({ kind: "gone" });
      isLive = state === "live";
      if (isLive && wasTold) local.notice("Connected again.");
      if (isLive) wasTold = false;
      wasLive ||= isLive;
      flushInput();
    },
    onTerminal(terminal, isInOrder) {
      if (!isInOrder || terminal.state !== TerminalState.EXITED) return;
      end({ kind: "exited", code: terminal.exitCode, signal: terminal.exitSignal ?? 0 });
    },
  });

  async function write(data: Uint8Array | string): Promise<void> {
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    if (bytes.length === 0) return;
    hasDrawn = true;
    await local.write(bytes).catch(() => end({ kind: "unread" }));
  }

  // 2. Input. What is typed ahead is kept; after a loss it is not, because typing blindly does harm.
  function type(bytes: Uint8Array): void {
    for (const typed of readEscapes(bytes)) {
      if (typed.kind === "leave") return end({ kind: "left" });
      if (typed.kind === "help") local.notice(escapeHelp);
      else if (isLive || !wasLive) waitingInput.push(typed.data);
    }
    flushInput();
  }

  function flushInput(): void {
    cancelRetry();
    while (isLive && waitingInput[0] && attachment.sendInput(waitingInput[0])) waitingInput.shift();
    // Too much is unconfirmed. While there is no connection, only `~.` is waited for.
    if (!isLive || waitingInput.length === 0) return local.resumeInput();
    local.pauseInput();
    cancelRetry = nodeClock.after(inputRetryMs, flushInput);
  }

  // 3. The way between.
  function seeLink(link: LinkState): void {
    if (link.kind === "ended") return end({ kind: "login_ended", reason: link.reason });
    if (link.kind === "waiting") tellLost();
  }
  function seeChannel(state: WorkerConnectionState): void {
    if (state.kind === "refused") return end({ kind: "refused", reason: state.reason });
    if (state.kind === "waiting") tellLost();
    if (state.kind === "open") attachment.retryNow();
  }
  function tellLost(): void {
    isLive = false;
    if (wasTold) return;
    wasTold = true;
    local.notice("The connection was lost; trying again. ~. gives up, the terminal runs on.");
  }

  function end(how: TerminalEnd): void {
    attachment.stop();
    resolve(how);
  }

  options.events.current = {
    onLink: seeLink,
    onState: seeChannel,
    onDevices: () => void channel.refreshGrants(),
  };
  local.onResize((size) => attachment.resize(size));
  attachment.focus();
  local.startRaw(type, () => filter.isAlternate);
  stop.addEventListener("abort", () => end({ kind: "stopped" }), { once: true });
  if (stop.aborted) end({ kind: "stopped" });
  seeLink(channel.link);
  seeChannel(channel.state);
  return promise;
}
