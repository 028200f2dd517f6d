import type {
  RelayedWorkerLinkDown,
  RelayedWorkerLinkUp,
} from "@leapmux/proto/hub/v1/relayed_link_pb.ts";
import { every } from "../ops/hub-clock.ts";
import type { LinkEnd, WorkerLink } from "./channel.ts";
import { makeFrameOutlet } from "./deliver-frame.ts";
import { encodeBatch } from "./encode-batch.ts";
import type { Mode } from "./encryption-mode.ts";
import { relayFrames } from "./relay-frames.ts";
import type { Relay } from "./relay.ts";
import { makeRepeatedRevocations } from "./repeat-revocations.ts";

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

/** What a worker may still take of a link that is over, ms. */
const cutAfterMs = 1_000;

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
  parts: {
    /** The worker did as `sendDeregister` told it. */
    readonly onDeregistered: () => void;
    /** Every revocation of the account, in pages that fit one message. */
    readonly listRevocations: () => AsyncGenerator<readonly Uint8Array[], void, undefined>;
    /** Ends the stream below, which hangs in a message that the worker does not take. */
    readonly cut: () => void;
  },
): WorkerLinkPump {
  const { limits, clock } = relay;
  const { maxMessageBytes, protocolVersion } = hello;
  const welcome: LinkDownBody = {
    case: "welcome",
    value: { $typeName: "leapmux.hub.v1.WorkerWelcome", protocolVersion, maxMessageBytes },
  };
  const first: LinkDownBody[] = [];
  let cancelDeregistering: (() => void) | null = null;
  let wake: (() => void) | null = null;
  let isFinished = false;
  /** Since when the worker has been taking one message; null: none is on its way. */
  let writingSinceMs: number | null = null;
  let ended: LinkEnd | null = null;
  let heardMs = clock.now();
  let sentMs = clock.now();

  const outlet = makeFrameOutlet({
    maxBytesPerChannel: limits.maxQueuedBytesPerChannel,
    maxBytes: limits.maxQueuedBytesPerLink,
    clock,
    onReady: wakeUp,
  });
  const repeated = makeRepeatedRevocations({
    clock,
    leastMs: limits.repeatRevocationsMs,
    list: parts.listRevocations,
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
      // Only the worker can tell which is right; one that does not read makes the hub keep few.
      const waiting = first.filter((body) => body.case === "pairingAnswer");
      if (waiting.some(({ value }) => Buffer.compare(value.deviceMac, answer.deviceMac) === 0)) {
        return;
      }
      const oldest = waiting.length >= limits.maxWaitingPairingAnswers ? waiting[0] : undefined;
      if (oldest !== undefined) first.splice(first.indexOf(oldest), 1);
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
      return isFinished || (outlet.isEmpty && first.length === 0 && writingSinceMs === null);
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
    repeated.stop();
    wakeUp();
    // What is on its way may still be taken, but nothing waits for that.
    if (writingSinceMs !== null)
      clock.after(cutAfterMs, () => writingSinceMs !== null && parts.cut());
  }

  function giveUp(message: string): void {
    link.end({ reason: "silent", message });
    relay.removeWorker(link);
  }

  const stopBeating = every(clock, limits.heartbeatCheckMs, (isLate) => {
    const nowMs = clock.now();
    if (!isLate && nowMs - heardMs >= limits.workerDeadMs) {
      giveUp("the worker was not heard for too long");
    } else if (writingSinceMs !== null) {
      // Its beats alone are no use to anybody.
      if (!isLate && nowMs - writingSinceMs >= limits.stuckQueueMs) {
        giveUp("the worker has taken nothing for too long");
      }
    } else if (nowMs - sentMs >= limits.heartbeatIdleMs && first.length === 0) {
      send({ case: "heartbeat", value: { $typeName: "leapmux.hub.v1.Heartbeat" } });
    }
  });

  function takeFrames(): LinkDownBody | null {
    const frames = outlet.take(limits.batchBytes);
    return frames.length > 0 ? { case: "frames", value: encodeBatch(frames) } : null;
  }

  async function takeRevocations(): Promise<LinkDownBody | null> {
    const page = await repeated.nextPage();
    return page && revocationsBody(page);
  }

  function begin(body: LinkDownBody): RelayedWorkerLinkDown {
    writingSinceMs = clock.now();
    return { $typeName: "leapmux.hub.v1.RelayedWorkerLinkDown", body };
  }

  function taken(): void {
    writingSinceMs = null;
    sentMs = clock.now();
  }

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
        yield begin(body);
        taken();
      }
      while (!isFinished) {
        const body = first.shift() ?? takeFrames() ?? (await takeRevocations());
        if (body !== null) {
          yield begin(body);
          taken();
        } else if (first.length === 0 && outlet.isEmpty && !isFinished) {
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
          parts.onDeregistered();
          return true;
        }
      } else if (body.case === "revocationsRequest") {
        repeated.ask();
        return true;
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
