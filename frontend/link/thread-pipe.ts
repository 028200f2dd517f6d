import type { CloseReason } from "@leapmux/shared/errors/close-reason.ts";
import type { MessageBytes, MessagePipe } from "@leapmux/shared/wire/message-pipe.ts";
import { makeTransferable, type PipedMessage, type ToCryptoThread } from "./thread-protocol.ts";

/** The page's end of a channel whose keys live on the crypto thread. */
export interface ThreadPipe {
  readonly pipe: MessagePipe;
  deliver(correlationId: bigint, message: Uint8Array): void;
  /** The channel is gone on the other side. */
  end(reason: CloseReason): void;
}

export function makeThreadPipe(
  channelId: string,
  maxMessageBytes: number | undefined,
  post: (message: ToCryptoThread, transfer?: Transferable[]) => void,
): ThreadPipe {
  let receive: ((correlationId: bigint, message: MessageBytes) => void) | undefined;
  const early: [bigint, MessageBytes][] = [];
  const closedListeners: ((reason: CloseReason) => void)[] = [];
  let closed: CloseReason | undefined;
  let outgoing: PipedMessage[] = [];

  // What is sent within one task crosses together.
  function flush(): void {
    const { messages, transfer } = makeTransferable(outgoing);
    outgoing = [];
    if (closed === undefined) post({ kind: "send", messages }, transfer);
  }

  function end(reason: CloseReason): void {
    if (closed !== undefined) return;
    closed = reason;
    early.length = 0;
    for (const tell of closedListeners.splice(0)) tell(reason);
  }

  return {
    end,
    deliver(correlationId, bytes) {
      if (closed !== undefined) return;
      const message = bytes as MessageBytes;
      if (receive) receive(correlationId, message);
      else early.push([correlationId, message]);
    },
    pipe: {
      ...(maxMessageBytes === undefined ? {} : { maxMessageBytes }),
      send(correlationId, message) {
        if (closed !== undefined) return;
        if (outgoing.length === 0) queueMicrotask(flush);
        outgoing.push({ channelId, correlationId, message });
      },
      onMessage(next) {
        receive = next;
        for (const [correlationId, message] of early.splice(0)) next(correlationId, message);
      },
      onClose(tell) {
        if (closed === undefined) closedListeners.push(tell);
        else tell(closed);
      },
      close(reason) {
        if (closed !== undefined) return;
        if (outgoing.length > 0) flush();
        post({ kind: "close-channel", channelId, reason });
        end(reason);
      },
    },
  };
}
