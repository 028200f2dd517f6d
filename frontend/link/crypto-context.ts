import type { ControlPlaneChanged } from "@leapmux/proto/hub/v1/client_link_pb.ts";
import type { Frame } from "@leapmux/shared/envelope/frame.ts";
import type { CloseReason } from "@leapmux/shared/errors/close-reason.ts";
import type { Fingerprint } from "@leapmux/shared/identity/fingerprint.ts";
import type { PinStorage } from "@leapmux/shared/identity/pin-store.ts";
import type { Primitives } from "@leapmux/shared/noise/primitives.ts";
import type { Clock, Random } from "@leapmux/shared/platform/platform.ts";
import type { MessageBytes, MessagePipe } from "@leapmux/shared/wire/message-pipe.ts";
import { makeKeyGate } from "../trust/admit-key.ts";
import type { DeviceDesk, DeviceDeskParts } from "../trust/device-desk.ts";
import type { CallHub } from "@leapmux/shared/client/hub-answer.ts";
import { makeChangeGatherer } from "./gather-changes.ts";
import { dialHub, type LinkSocket } from "@leapmux/shared/client/dial-hub.ts";
import {
  type HeldChannel,
  keepChannel,
  type KeptChannel,
} from "@leapmux/shared/client/keep-channel.ts";
import { openChannel } from "@leapmux/shared/client/open-channel.ts";
import { type CryptoThreadPort, makeTransferable, type PipedMessage } from "./thread-protocol.ts";

/** scrypt after an opening waits until the first screen is there: it would compete with it. */
const fingerprintDelayMs = 1_000;

/** What the desk needs of this thread. */
export type DeviceDeskNeeds = Pick<DeviceDeskParts, "distrust">;

/**
 * The crypto thread put together: the link, the channels on it, the pins, and the port to the page.
 * The only place of this thread that makes long-lived objects.
 */
export function runCryptoThread(parts: {
  readonly port: CryptoThreadPort;
  readonly clock: Clock;
  /** Wall clock. */
  readonly nowMs: () => number;
  readonly random: Random;
  readonly primitives: Primitives;
  readonly storage: PinStorage;
  readonly callHub: CallHub;
  readonly makeSocket: () => LinkSocket;
  readonly fingerprint: (compositeKey: Uint8Array) => Promise<Fingerprint>;
  /** A thread of its own, which solo mode does without. */
  readonly loadDeviceDesk: (needs: DeviceDeskNeeds) => Promise<DeviceDesk>;
}): void {
  const { port, clock, nowMs, random } = parts;
  const kept = new Map<string, KeptChannel>();
  /** Open channels and those in their handshake, by channel id. */
  const acceptFrame = new Map<string, (frame: Frame) => void>();
  const pipes = new Map<string, MessagePipe>();
  const answers = new Map<number, (accepted: boolean) => void>();
  const fingerprints = makeFingerprintCache(parts.fingerprint);
  let questions = 0;
  let desk: Promise<DeviceDesk> | undefined;

  function deviceDesk(): Promise<DeviceDesk> {
    desk ??= parts.loadDeviceDesk({
      distrust(workerId) {
        gate.reject(workerId);
        keep(workerId).distrust();
      },
    });
    // Its code did not come: asked for anew the next time.
    desk.catch(() => (desk = undefined));
    return desk;
  }
  async function prepareClaim(userId: string, maxMessageBytes: number) {
    const found = await deviceDesk().catch(() => undefined);
    return found ? found.prepareClaim(userId, maxMessageBytes) : async () => ({ userId });
  }
  async function refreshGrants(): Promise<void> {
    const isNew = await desk?.then((found) => found.refreshGrants()).catch(() => false);
    if (isNew) kept.forEach((channel) => channel.grantsChanged());
  }

  const gate = makeKeyGate({
    storage: parts.storage,
    nowMs,
    fingerprint: fingerprints,
    ask(question) {
      const questionId = ++questions;
      const answer = new Promise<boolean>((resolve) => answers.set(questionId, resolve));
      port.post({ kind: "question", questionId, question });
      return {
        answer,
        withdraw: () => port.post({ kind: "question-withdrawn", questionId }),
      };
    },
  });

  const gatherChange = makeChangeGatherer(clock, (change) => {
    port.post({ kind: "changed", change });
    if (change.workers) for (const channel of kept.values()) channel.nudge();
    if (change.devices) void refreshGrants();
  });

  const received = makeReceivedBatch(port);

  const link = dialHub({
    clock,
    nowMs,
    random,
    makeSocket: parts.makeSocket,
    onState: (state) => port.post({ kind: "link", state }),
    onUp(linkId) {
      kept.forEach((channel) => channel.linkUp(linkId));
      // What changed while the link was away was told to nobody.
      void refreshGrants();
    },
    onDown: () => kept.forEach((channel) => channel.linkDown()),
    onChanged: (changed: ControlPlaneChanged) => gatherChange(changed),
    onFrames(frames) {
      // Frames of channels that are gone are nobody's.
      for (const frame of frames) acceptFrame.get(frame.channelId)?.(frame);
      received.flush();
    },
  });

  async function open(workerId: string, linkId: string, signal: AbortSignal) {
    let status = () => {};
    const result = await openChannel(
      {
        primitives: parts.primitives,
        random,
        clock,
        callHub: parts.callHub,
        gate,
        sendFrame: link.sendFrame,
        prepareClaim,
      },
      {
        workerId,
        linkId,
        signal,
        accept(channelId, initiator) {
          acceptFrame.set(channelId, initiator.acceptFrame);
          initiator.pipe.onClose(() => acceptFrame.delete(channelId));
        },
        onRekeyed: () => status(),
      },
    );
    if (!result.ok) return result;
    const { channelId, initiator, reported, trust } = result;
    const { pipe } = initiator;
    status = () => port.post({ kind: "status", workerId, status: initiator.status() });
    pipes.set(channelId, pipe);
    const { maxMessageBytes } = pipe;
    port.post({ kind: "channel-opened", workerId, channelId, maxMessageBytes });
    status();
    pipe.onMessage((correlationId, message) => received.add({ channelId, correlationId, message }));
    pipe.onClose((reason) => {
      received.flush();
      pipes.delete(channelId);
      port.post({ kind: "channel-closed", channelId, reason });
    });
    clock.after(fingerprintDelayMs, () => {
      fingerprints(reported.compositeKey).then(
        (fingerprint) => port.post({ kind: "fingerprint", workerId, fingerprint }),
        // The hub has just gone: the next opening tries again.
        () => {},
      );
    });
    const held: { ok: true } & HeldChannel = {
      ok: true,
      state: { kind: "open", trust },
      onClose: pipe.onClose,
      close: (reason: CloseReason) => initiator.close(reason),
    };
    return held;
  }

  function keep(workerId: string): KeptChannel {
    const known = kept.get(workerId);
    if (known) return known;
    const made = keepChannel({
      clock,
      nowMs,
      random,
      open: (linkId, signal) => open(workerId, linkId, signal),
      onState: (state) => port.post({ kind: "worker", workerId, state }),
    });
    kept.set(workerId, made);
    if (link.linkId !== undefined) made.linkUp(link.linkId);
    return made;
  }

  port.onMessage((message) => {
    switch (message.kind) {
      case "wake":
        link.wake();
        return kept.forEach((channel) => channel.wake());
      case "open":
        return keep(message.workerId).want();
      case "retry":
        link.wake();
        return keep(message.workerId).retry();
      case "send":
        for (const { channelId, correlationId, message: bytes } of message.messages) {
          pipes.get(channelId)?.send(correlationId, bytes as MessageBytes);
        }
        return;
      case "close-channel":
        return pipes.get(message.channelId)?.close(message.reason);
      case "answer": {
        const resolve = answers.get(message.questionId);
        answers.delete(message.questionId);
        return resolve?.(message.accepted);
      }
      case "device": {
        const { requestId, request } = message;
        const failed = { ok: false, trouble: "failed" } as const;
        void deviceDesk()
          .then((found) => found.run(request))
          .catch(() => failed)
          .then((answer) => port.post({ kind: "device-answer", requestId, answer }));
        return;
      }
    }
  });
}

/** What one WebSocket message carried crosses to the page at once. */
function makeReceivedBatch(port: CryptoThreadPort) {
  let waiting: PipedMessage[] = [];
  function flush(): void {
    if (waiting.length === 0) return;
    const { messages, transfer } = makeTransferable(waiting);
    waiting = [];
    port.post({ kind: "received", messages }, transfer);
  }
  return {
    flush,
    add(item: PipedMessage) {
      if (waiting.length === 0) queueMicrotask(flush);
      waiting.push(item);
    },
  };
}

/** scrypt is dear: once per key and page, unless it failed. */
function makeFingerprintCache(compute: (key: Uint8Array) => Promise<Fingerprint>) {
  const known = new Map<string, Promise<Fingerprint>>();
  return (compositeKey: Uint8Array): Promise<Fingerprint> => {
    const name = String.fromCharCode(...compositeKey);
    const found = known.get(name);
    if (found) return found;
    // A hub that changes keys all day must not grow this without end.
    if (known.size >= 64) known.clear();
    const made = compute(compositeKey);
    known.set(name, made);
    made.catch(() => known.delete(name));
    return made;
  };
}
