import { create } from "@bufbuild/protobuf";
import {
  RelayedWorkerLinkDownSchema,
  type RelayedWorkerLinkDown,
  type RelayedWorkerLinkUp,
} from "@leapmux/proto/hub/v1/relayed_link_pb.ts";
import { every } from "../ops/hub-clock.ts";
import type { LinkEnd, WorkerLink } from "./channel.ts";
import { makeFrameOutlet } from "./deliver-frame.ts";
import { encodeBatch } from "./encode-batch.ts";
import type { Mode } from "./encryption-mode.ts";
import { relayFrames } from "./relay-frames.ts";
import type { Relay } from "./relay.ts";

/**
 * One worker: the stream that it dialled, carrying the frames of all channels to it. Orders and heartbeats
 * go before frames. The stream pulls; a silent worker is given up after 10 s, an idle link is sent a beat
 * after 5 s.
 */
export interface WorkerLinkPump {
  readonly link: WorkerLink;
  readonly welcome: LinkDownBody;
  /** All messages to the worker until the link ends: the opening ones, welcome first, then whatever comes. */
  messages(opening: AsyncIterable<LinkDownBody>): AsyncGenerator<RelayedWorkerLinkDown>;
  /** False: the worker broke the protocol. */
  receive(message: RelayedWorkerLinkUp): boolean;
  finish(): void;
  readonly isFinished: boolean;
  /** Why the hub ended it; null while it runs, or when the worker left. */
  readonly ended: LinkEnd | null;
}

export type LinkDownBody = RelayedWorkerLinkDown["body"];

export function makeWorkerLink(
  relay: Relay,
  owner: { readonly worker_id: string; readonly user_id: string },
  hello: {
    readonly compositePublicKey: Uint8Array;
    readonly mode: Mode;
    readonly maxMessageBytes: number;
    readonly protocolVersion: number;
  },
  /** The worker did as `sendDeregister` told it. */
  onDeregistered: () => void,
): WorkerLinkPump {
  const { limits, clock } = relay;
  const { maxMessageBytes, protocolVersion } = hello;
  const welcome: LinkDownBody = {
    case: "welcome",
    value: { $typeName: "leapmux.hub.v1.WorkerWelcome", protocolVersion, maxMessageBytes },
  };
  let first: LinkDownBody[] = [];
  let cancelDeregistering: (() => void) | null = null;
  let wake: (() => void) | null = null;
  let isFinished = false;
  let isWriting = false;
  let ended: LinkEnd | null = null;
  let heardMs = clock.now();
  let sentMs = clock.now();

  const outlet = makeFrameOutlet({
    maxBytesPerChannel: limits.maxQueuedBytesPerChannel,
    maxBytes: limits.maxQueuedBytesPerLink,
    clock,
    onReady: wakeUp,
  });

  const link: WorkerLink = {
    side: "worker",
    workerId: owner.worker_id,
    userId: owner.user_id,
    mode: hello.mode,
    compositePublicKey: hello.compositePublicKey,
    maxMessageBytes,
    outlet,
    channels: new Map(),
    answers: new Map(),
    sendOrder: (value) => send({ case: "openChannel", value }),
    sendPairingAnswer(answer) {
      // The latest counts: a worker that does not read must not make the hub keep all of them.
      first = first.filter((body) => body.case !== "pairingAnswer");
      send({
        case: "pairingAnswer",
        value: { $typeName: "leapmux.hub.v1.PairingAnswer", ...answer },
      });
    },
    sendRevocations: (signed) => send(revocationsBody(signed)),
    sendDeregister() {
      if (cancelDeregistering !== null || isFinished) return;
      send({ case: "deregister", value: { $typeName: "leapmux.hub.v1.Deregister" } });
      cancelDeregistering = clock.after(limits.deregisterMs, () =>
        link.end({ reason: "silent", message: "the worker did not say that it stopped" }),
      );
    },
    sendGoingAway: (retryAfterMs) =>
      send({ case: "goingAway", value: { $typeName: "leapmux.hub.v1.GoingAway", retryAfterMs } }),
    end(why) {
      ended ??= why;
      finish();
    },
    get isDrained() {
      return isFinished || (outlet.isEmpty && first.length === 0 && !isWriting);
    },
  };

  function send(body: LinkDownBody): void {
    first.push(body);
    wakeUp();
  }

  function wakeUp(): void {
    wake?.();
    wake = null;
  }

  function finish(): void {
    if (isFinished) return;
    isFinished = true;
    stopBeating();
    cancelDeregistering?.();
    wakeUp();
  }

  const stopBeating = every(clock, limits.heartbeatCheckMs, (isLate) => {
    const nowMs = clock.now();
    if (!isLate && nowMs - heardMs >= limits.workerDeadMs) {
      link.end({ reason: "silent", message: "the worker was not heard for too long" });
      relay.removeWorker(link);
    } else if (nowMs - sentMs >= limits.heartbeatIdleMs && first.length === 0 && !isWriting) {
      send({ case: "heartbeat", value: { $typeName: "leapmux.hub.v1.Heartbeat" } });
    }
  });

  return {
    link,
    welcome,
    get ended() {
      return ended;
    },
    finish,
    get isFinished() {
      return isFinished;
    },

    async *messages(opening) {
      for await (const body of opening) {
        if (isFinished) return;
        yield create(RelayedWorkerLinkDownSchema, { body });
        sentMs = clock.now();
      }
      while (!isFinished) {
        const bodies = first;
        first = [];
        isWriting = true;
        for (const body of bodies) {
          yield create(RelayedWorkerLinkDownSchema, { body });
          sentMs = clock.now();
        }
        const frames = outlet.take(limits.batchBytes);
        if (frames.length > 0) {
          const body = { case: "frames", value: encodeBatch(frames) } as const;
          yield { $typeName: "leapmux.hub.v1.RelayedWorkerLinkDown", body };
          sentMs = clock.now();
        }
        isWriting = false;
        if (first.length === 0 && outlet.isEmpty && !isFinished) {
          await new Promise<void>((resolve) => (wake = resolve));
        }
      }
    },

    receive({ body }) {
      heardMs = clock.now();
      if (body.case === "frames") {
        if (relayFrames(relay, link, body.value)) return true;
      } else if (body.case === "openChannelAnswer") {
        const answer = link.answers.get(body.value.channelId);
        // An answer nobody waits for any more crossed with the end of its opening.
        link.answers.delete(body.value.channelId);
        answer?.(body.value);
        return true;
      } else if (body.case === "deregistered") {
        if (cancelDeregistering !== null) {
          onDeregistered();
          return true;
        }
      } else if (body.case !== "hello") {
        return true;
      }
      relay.log.warn("worker link broke the protocol", { workerId: link.workerId });
      link.end({ reason: "protocol_violation", message: "not a valid message of this protocol" });
      return false;
    },
  };
}

export function revocationsBody(signedRevocations: readonly Uint8Array[]): LinkDownBody {
  return {
    case: "deviceRevocations",
    value: {
      $typeName: "leapmux.hub.v1.DeviceRevocations",
      signedRevocations: [...signedRevocations],
    },
  };
}
