import { type CipherKey, makeCipherKey } from "../channel/cipher-key.ts";
import { makeMessageJoiner } from "../channel/join-message.ts";
import { makeFrameOpener } from "../channel/open-frame.ts";
import { makeFrameSealer } from "../channel/seal-frame.ts";
import { splitMessage } from "../channel/split-message.ts";
import { makeChunkOrderCheck } from "../envelope/check-chunk-order.ts";
import { decodeCloseFrame, encodeCloseFrame } from "../envelope/close-frame.ts";
import { flagClose, type Frame } from "../envelope/frame.ts";
import type { CloseReason } from "../errors/close-reason.ts";
import { maxEnvelopeBytes, maxKeyAgeMs, startCreditBytes } from "../limits/limits.ts";
import type { Primitives } from "../noise/primitives.ts";
import type { Clock } from "../platform/platform.ts";
import { decodeMessage } from "../wire/decode-message.ts";
import { encodeMessage, type MessageBody, type MessageBodyInit } from "../wire/encode-message.ts";
import type { MessageBytes, MessagePipe } from "../wire/message-pipe.ts";

export interface ChannelEndOptions {
  readonly primitives: Primitives;
  readonly clock: Clock;
  readonly channelId: string;
  readonly maxMessageBytes: number;
  readonly sendKey: Uint8Array;
  readonly receiveKey: Uint8Array;
  /** Takes frames in order. May call back synchronously. */
  readonly sendFrame: (frame: Frame) => void;
  /** A message of the channel itself, correlation id 0. False: it broke the protocol. */
  readonly onControl: (body: MessageBody) => boolean;
  /** Says whether a message of a call may reach the pipe's user. */
  readonly admitCall: (correlationId: bigint, message: MessageBytes) => boolean;
  /** After each frame in either direction. */
  readonly onFrame: () => void;
  /** Of one message of the channel itself, until `limitControl`; 64 KiB unless said. */
  readonly maxControlBytes?: number;
  /** True: what the pipe's user sends waits for `releaseCalls`. */
  readonly holdCalls: boolean;
  /** For tests of the nonce limits only. */
  readonly firstNonces?: FirstNonces | undefined;
}

export interface FirstNonces {
  readonly send: number;
  readonly receive: number;
}

/** One end of a channel, the same for initiator and responder: here messages and keys meet. */
export interface ChannelEnd {
  readonly pipe: MessagePipe;
  readonly sealKey: CipherKey;
  readonly openKey: CipherKey;
  readonly closed: CloseReason | null;
  acceptFrame(frame: Frame): void;
  /** `sent` runs when the message is sealed and before anything else is. */
  sendControl(body: MessageBodyInit, sent?: () => void): void;
  releaseCalls(): void;
  /** From the next message of the channel itself on; called while none is under way. */
  limitControl(maxBytes: number): void;
  /** Once; says so to the other side unless that knows. Then nothing is sent, delivered or executed any more. */
  close(reason: CloseReason, tellPeer?: boolean): void;
}

interface Outgoing {
  readonly correlationId: bigint;
  readonly message: Uint8Array;
  readonly sent: (() => void) | undefined;
}

interface Incoming {
  readonly correlationId: bigint;
  readonly message: MessageBytes;
}

export function makeChannelEnd(options: ChannelEndOptions): ChannelEnd {
  const { primitives, clock, channelId, maxMessageBytes, sendFrame } = options;
  const nonces = options.firstNonces;
  const sealKey = makeCipherKey({ key: options.sendKey, clock, firstNonce: nonces?.send ?? 0 });
  const openKey = makeCipherKey({
    key: options.receiveKey,
    clock,
    firstNonce: nonces?.receive ?? 0,
  });
  const seal = makeFrameSealer({ primitives, channelId, key: sealKey });
  const open = makeFrameOpener({ primitives, key: openKey });
  const order = makeChunkOrderCheck({ maxMessageBytes });
  /** Messages of the channel itself carry no data: they are small, and checked before they are whole. */
  let controlOrder = makeChunkOrderCheck({
    maxMessageBytes: options.maxControlBytes ?? maxEnvelopeBytes,
  });
  const joiner = makeMessageJoiner();
  const closeListeners: ((reason: CloseReason) => void)[] = [];
  let closed: CloseReason | null = null;

  // 1. Sending. What waits here waits for the opening or for a `sendFrame` that called back.
  let held: Outgoing[] | null = options.holdCalls ? [] : null;
  let heldBytes = 0;
  let outbox: Outgoing[] = [];
  let sending = false;

  function sendNow({ correlationId, message, sent }: Outgoing): void {
    const isThrough = splitMessage(message, (flags, chunk) => {
      const sealed = seal(correlationId, flags, chunk);
      if (!sealed.ok) {
        close(sealed.reason);
        return false;
      }
      sendFrame(sealed.frame);
      return closed === null;
    });
    if (isThrough) sent?.();
  }

  function post(outgoing: Outgoing): void {
    if (closed) return;
    if (sending) {
      outbox.push(outgoing);
      return;
    }
    sending = true;
    try {
      sendNow(outgoing);
      while (outbox.length > 0 && !closed) {
        const waiting = outbox;
        outbox = [];
        waiting.forEach(sendNow);
      }
    } finally {
      sending = false;
    }
    if (!closed) options.onFrame();
  }

  function send(correlationId: bigint, message: MessageBytes): void {
    if (closed) return;
    // The users of the pipe keep to this; here it protects the channel from a mistake of theirs.
    if (message.length > maxMessageBytes) return close("message_too_large");
    if (!held) return post({ correlationId, message, sent: undefined });
    heldBytes += message.length;
    if (heldBytes > 2 * maxMessageBytes) return close("slow_consumer");
    held.push({ correlationId, message, sent: undefined });
  }

  // 2. Receiving.
  let receive: ((correlationId: bigint, message: MessageBytes) => void) | null = null;
  let early: Incoming[] = [];
  let earlyBytes = 0;
  let inbox: Frame[] = [];
  let accepting = false;

  function deliver(correlationId: bigint, message: MessageBytes): void {
    if (correlationId === 0n) {
      const decoded = decodeMessage(message);
      if (!decoded.ok || !options.onControl(decoded.body)) close("protocol_violation");
      return;
    }
    if (!options.admitCall(correlationId, message)) return;
    if (receive) return receive(correlationId, message);
    earlyBytes += message.length;
    if (earlyBytes > maxMessageBytes + startCreditBytes) return close("protocol_violation");
    early.push({ correlationId, message });
  }

  function acceptNow(frame: Frame): void {
    if (closed) return;
    if (frame.channelId !== channelId) return close("protocol_violation");
    const admitted = order.accept(frame);
    if (!admitted.ok) return close(admitted.reason);
    const ofChannel = frame.correlationId === 0n ? controlOrder.accept(frame) : admitted;
    if (!ofChannel.ok) return close(ofChannel.reason);
    if (frame.flags === flagClose) return close(decodeCloseFrame(frame), false);
    const opened = open(frame);
    if (!opened.ok) return close(opened.reason);
    const message = joiner.accept(frame.flags, opened.chunk);
    if (message) deliver(frame.correlationId, message as MessageBytes);
    if (!closed) options.onFrame();
  }

  function acceptFrame(frame: Frame): void {
    if (closed) return;
    if (accepting) {
      inbox.push(frame);
      return;
    }
    accepting = true;
    try {
      acceptNow(frame);
      while (inbox.length > 0 && !closed) {
        const waiting = inbox;
        inbox = [];
        waiting.forEach(acceptNow);
      }
    } finally {
      accepting = false;
    }
  }

  // 3. The end.
  let cancelAgeCheck = clock.after(maxKeyAgeMs, checkAge);

  /** Both ends close at 70 min (protocol §4), also where nothing is sent that would notice. */
  function checkAge(): void {
    const leftMs = maxKeyAgeMs - Math.max(sealKey.ageMs(), openKey.ageMs());
    if (leftMs <= 0) close("key_too_old");
    else cancelAgeCheck = clock.after(leftMs, checkAge);
  }

  function close(reason: CloseReason, tellPeer = true): void {
    if (closed) return;
    closed = reason;
    cancelAgeCheck();
    sealKey.destroy();
    openKey.destroy();
    held = null;
    outbox = [];
    inbox = [];
    early = [];
    if (tellPeer) sendFrame(encodeCloseFrame(channelId, reason));
    for (const listener of closeListeners.splice(0)) listener(reason);
  }

  return {
    pipe: {
      maxMessageBytes,
      send,
      onMessage(receiver) {
        receive = receiver;
        for (const { correlationId, message } of early.splice(0)) {
          if (!closed) receiver(correlationId, message);
        }
      },
      onClose(listener) {
        if (closed) listener(closed);
        else closeListeners.push(listener);
      },
      close: (reason) => close(reason),
    },
    sealKey,
    openKey,
    get closed() {
      return closed;
    },
    acceptFrame,
    sendControl(body, sent) {
      post({ correlationId: 0n, message: encodeMessage(body), sent });
    },
    releaseCalls() {
      const waiting = held ?? [];
      held = null;
      waiting.forEach(post);
    },
    limitControl(maxBytes) {
      controlOrder = makeChunkOrderCheck({ maxMessageBytes: maxBytes });
    },
    close,
  };
}
