import type { CloseReason } from "@leapmux/shared/errors/close-reason.ts";
import type { Fingerprint } from "@leapmux/shared/identity/fingerprint.ts";
import type { DeviceAnswer, DeviceRequest } from "../trust/device-operations.ts";
import type { KeyQuestion } from "../trust/key-question.ts";
import type {
  ChannelStatus,
  ControlPlaneChange,
  LinkState,
  WorkerConnectionState,
} from "@leapmux/shared/client/link-state.ts";

/**
 * Everything that crosses between the page and its crypto thread, in one place. The thread owns the
 * hub's WebSocket, the keys and the pins; the page owns the calls. Plaintext messages cross with
 * their buffers transferred, so nothing is copied and the sender must not touch them again.
 * Both sides are ours: what comes across is trusted, what comes from the WebSocket is not.
 */

export interface PipedMessage {
  readonly channelId: string;
  readonly correlationId: bigint;
  readonly message: Uint8Array;
}

/** Page to crypto thread. */
export type ToCryptoThread =
  /** The machine came online, the page was brought to the front, or the user pressed "try now". */
  | { readonly kind: "wake" }
  /** Somebody wants the channel to this worker; kept open from now on. */
  | { readonly kind: "open"; readonly workerId: string }
  | { readonly kind: "retry"; readonly workerId: string }
  | { readonly kind: "send"; readonly messages: readonly PipedMessage[] }
  | { readonly kind: "close-channel"; readonly channelId: string; readonly reason: CloseReason }
  | { readonly kind: "answer"; readonly questionId: number; readonly accepted: boolean }
  /** Something to be done with the device key; answered once. */
  | { readonly kind: "device"; readonly requestId: number; readonly request: DeviceRequest };

/** Crypto thread to page. */
export type FromCryptoThread =
  | { readonly kind: "link"; readonly state: LinkState }
  | { readonly kind: "changed"; readonly change: ControlPlaneChange }
  | { readonly kind: "worker"; readonly workerId: string; readonly state: WorkerConnectionState }
  /** Comes before the state "open" and before any of its messages. */
  | {
      readonly kind: "channel-opened";
      readonly workerId: string;
      readonly channelId: string;
      readonly maxMessageBytes: number | undefined;
    }
  | { readonly kind: "channel-closed"; readonly channelId: string; readonly reason: CloseReason }
  | { readonly kind: "fingerprint"; readonly workerId: string; readonly fingerprint: Fingerprint }
  /** At opening and after each rekey; the page adds the time that passes. */
  | { readonly kind: "status"; readonly workerId: string; readonly status: ChannelStatus }
  | { readonly kind: "received"; readonly messages: readonly PipedMessage[] }
  | { readonly kind: "question"; readonly questionId: number; readonly question: KeyQuestion }
  | { readonly kind: "question-withdrawn"; readonly questionId: number }
  | { readonly kind: "device-answer"; readonly requestId: number; readonly answer: DeviceAnswer };

/** A typed end of the connection between the two threads; a pair of plain objects in tests. */
export interface ThreadPort<Outgoing, Incoming> {
  post(message: Outgoing, transfer?: Transferable[]): void;
  onMessage(receive: (message: Incoming) => void): void;
}

export type PagePort = ThreadPort<ToCryptoThread, FromCryptoThread>;
export type CryptoThreadPort = ThreadPort<FromCryptoThread, ToCryptoThread>;

/**
 * The buffers that may be handed over. A view of a larger buffer is copied first: transferring that
 * buffer would take away what does not belong to the message.
 */
export function makeTransferable(messages: readonly PipedMessage[]): {
  messages: PipedMessage[];
  transfer: Transferable[];
} {
  const transfer: Transferable[] = [];
  const whole = messages.map((item) => {
    const { message } = item;
    const owned = message.byteLength === message.buffer.byteLength ? message : message.slice();
    transfer.push(owned.buffer as ArrayBuffer);
    return owned === message ? item : { ...item, message: owned };
  });
  return { messages: whole, transfer };
}
