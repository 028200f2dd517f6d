import type { CloseReason } from "../errors/close-reason.ts";

declare const messageBytes: unique symbol;
/** Plaintext of one whole message: a serialised `leapmux.sealed.v1.Message`. */
export type MessageBytes = Uint8Array & { readonly [messageBytes]: true };

/**
 * An open channel as its users see it: whole messages by correlation id, in order, sealed below.
 * In the browser the two sides of a pipe live on two threads; elsewhere it is a plain object.
 */
export interface MessagePipe {
  /** Largest message that may be sent, bytes; absent: `defaultMaxMessageBytes`. */
  readonly maxMessageBytes?: number;
  /** Queues a message. Never blocks: senders are bounded by credit windows, not by the pipe. */
  send(correlationId: bigint, message: MessageBytes): void;
  /** Sets the one receiver; messages that came before are delivered first. */
  onMessage(receive: (correlationId: bigint, message: MessageBytes) => void): void;
  /** Called once, at once if the pipe is closed already. Several may ask. */
  onClose(closed: (reason: CloseReason) => void): void;
  close(reason: CloseReason): void;
}
