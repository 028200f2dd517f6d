import type { OpenChannelOrder } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import type { ClientClaim } from "@leapmux/shared/endpoint/client-claim.ts";
import { acceptInitiator, type Responder } from "@leapmux/shared/endpoint/responder.ts";
import { encodeCloseFrame } from "@leapmux/shared/envelope/close-frame.ts";
import { flagClose, type Frame } from "@leapmux/shared/envelope/frame.ts";
import { describeCloseReason } from "@leapmux/shared/errors/describe-close-reason.ts";
import type { CloseReason } from "@leapmux/shared/errors/close-reason.ts";
import type { WorkerSecrets } from "@leapmux/shared/identity/worker-secrets.ts";
import type { EncryptionMode, Primitives, Signer } from "@leapmux/shared/noise/primitives.ts";
import { makeTokenBuckets } from "@leapmux/shared/limits/token-buckets.ts";
import type { Clock, Random } from "@leapmux/shared/platform/platform.ts";
import type { MessagePipe } from "@leapmux/shared/wire/message-pipe.ts";
import { type Caller, makeAnnouncedCaller } from "../dispatch/caller.ts";
import type { WorkerLimits } from "../config/worker-limits.ts";
import type { LinkSender } from "../link/send-frame.ts";
import type { CallerVerdict } from "../trust/verify-caller.ts";
import { checkOpening } from "./check-opening.ts";
import { makeOpeningQueue } from "./opening-queue.ts";

/** The hub says who opens a channel and may think up as many users as it likes. */
const maxRatedUsers = 1024;

export interface PeersOptions {
  readonly primitives: Primitives;
  readonly random: Random;
  readonly clock: Clock;
  readonly signer: Signer;
  readonly identity: WorkerSecrets;
  readonly workerId: string;
  readonly mode: EncryptionMode;
  /** Absent: the hub's word about who calls is taken. */
  readonly gate: CallerGate | null;
  readonly limits: WorkerLimits;
  /** Serves the calls of a channel until its pipe closes. */
  readonly dispatch: (pipe: MessagePipe, readCaller: () => Caller | null) => void;
  /** The caller is known: calls are served from now on. */
  readonly onOpened?: (channelId: string, caller: Caller) => void;
  /** `caller`: absent where it never was known. */
  readonly onClosed?: (channelId: string, reason: CloseReason, caller: Caller | null) => void;
  /** Somebody could not prove who they are. */
  readonly onRefused: (refused: RefusedCaller) => void;
  /** An opening failed here, by no fault of its client: there is no signature. */
  readonly onOpeningFailed?: (channelId: string, error: unknown) => void;
}

/** Decides who may call, and whether they still may. */
export interface CallerGate {
  /** Resolves when everything that was heard until now counts. */
  settle(): Promise<void>;
  verifyClaim(claim: ClientClaim, binding: Uint8Array): CallerVerdict;
  isStillTrusted(caller: Caller): boolean;
}

export interface RefusedCaller {
  readonly channelId: string;
  readonly reason: CloseReason;
  /** As the hub said it. */
  readonly userId: string;
  /** Empty where none was named. */
  readonly deviceId: string;
  readonly detail: string;
}

/** Ends of an opening that say something about who opened it, beside what the gate refuses. */
const tellingReasons: ReadonlySet<CloseReason> = new Set([
  "handshake_failed",
  "mode_refused",
  "user_mismatch",
  "user_not_verified",
]);

/**
 * The channels of this worker: between the link, which brings openings and sealed frames, and dispatch,
 * which gets a pipe per channel. A channel lives no longer than the link that it came on.
 */
export interface Peers {
  startLink(sender: LinkSender, maxMessageBytes: number): void;
  openChannel(order: OpenChannelOrder): void;
  receiveFrame(frame: Frame): void;
  endLink(reason: CloseReason): void;
  /** Ends the channels of callers who are trusted no longer. */
  recheck(): void;
  /** Devices that have a channel open. */
  connectedDevices(): ReadonlySet<string>;
  readonly channels: number;
}

interface Peer {
  readonly channelId: string;
  readonly userId: string;
  /** Absent while the handshake waits or runs. */
  responder: Responder | null;
  /** Absent until the claim was taken. */
  caller: Caller | null;
  closed: boolean;
}

interface Link {
  readonly sender: LinkSender;
  readonly maxMessageBytes: number;
}

export function makePeers(options: PeersOptions): Peers {
  const { limits, mode, clock, dispatch } = options;
  const queue = makeOpeningQueue(limits);
  const rate = makeTokenBuckets({
    clock,
    burst: limits.openingsPerMinutePerUser,
    perMinute: limits.openingsPerMinutePerUser,
    maxKeys: maxRatedUsers,
  });
  const peers = new Map<string, Peer>();
  const ofUser = new Map<string, number>();
  let link: Link | null = null;

  function add(peer: Peer): void {
    peers.set(peer.channelId, peer);
    ofUser.set(peer.userId, (ofUser.get(peer.userId) ?? 0) + 1);
  }

  function drop(peer: Peer): void {
    if (peer.closed) return;
    peer.closed = true;
    peers.delete(peer.channelId);
    const left = (ofUser.get(peer.userId) ?? 1) - 1;
    if (left > 0) ofUser.set(peer.userId, left);
    else ofUser.delete(peer.userId);
  }

  function close(peer: Peer, reason: CloseReason): void {
    if (peer.responder) peer.responder.close(reason);
    else drop(peer);
  }

  /** A channel that filled the queue of the link is the one that goes; the others never notice. */
  function send(on: Link, frame: Frame): void {
    if (on !== link) return;
    const result = on.sender.sendFrame(frame);
    if (result.ok) return;
    const slow = peers.get(result.channelId);
    on.sender.dropChannel(result.channelId);
    if (slow) close(slow, "slow_consumer");
    else on.sender.sendFrame(encodeCloseFrame(result.channelId, "slow_consumer"));
    if (result.channelId !== frame.channelId) on.sender.sendFrame(frame);
  }

  function answer(
    on: Link,
    channelId: string,
    result: { message2?: Uint8Array; refusal?: string },
  ): void {
    if (on !== link) return;
    on.sender.sendNow({
      case: "openChannelAnswer",
      value: {
        channelId,
        message2: result.message2 ?? new Uint8Array(0),
        refusal: result.refusal ?? "",
      },
    });
  }

  function tellRefused(
    { channelId, userId }: Pick<Peer, "channelId" | "userId">,
    reason: CloseReason,
    deviceId = "",
    detail = describeCloseReason(reason),
  ): void {
    options.onRefused({ channelId, reason, userId, deviceId, detail });
  }

  async function verifyClaim(
    peer: Peer,
    gate: CallerGate,
    claim: ClientClaim,
    binding: Uint8Array,
  ) {
    // What came before the claim may revoke who makes it. A hub that sends more and more only uses up
    // the time that this opening has.
    await gate.settle();
    if (peer.closed) return { ok: false, reason: "link_lost" } as const;
    // From here to the caller being known in one go: what comes later finds the channel.
    const verdict = gate.verifyClaim(claim, binding);
    if (verdict.ok) {
      peer.caller = verdict.caller;
      options.onOpened?.(peer.channelId, verdict.caller);
      return { ok: true } as const;
    }
    const { deviceId, detail } = verdict;
    const reason = "device_not_trusted";
    tellRefused(peer, reason, deviceId, detail);
    const named = deviceId === "" ? "" : ` (${deviceId})`;
    return { ok: false, reason, message: `${describeCloseReason(reason)}${named}` } as const;
  }

  async function open(on: Link, peer: Peer, message1: Uint8Array): Promise<void> {
    const { channelId, userId } = peer;
    const { gate } = options;
    if (peer.closed) return;
    if (!gate) peer.caller = makeAnnouncedCaller(userId);
    const accepted = await acceptInitiator({
      primitives: options.primitives,
      random: options.random,
      clock,
      signer: options.signer,
      identity: options.identity,
      mode,
      workerId: options.workerId,
      channelId,
      userId,
      message1,
      maxMessageBytes: on.maxMessageBytes,
      clientAuth: gate ? "paired" : "hub",
      ...(gate && {
        verifyClaim: (claim: ClientClaim, binding: Uint8Array) =>
          verifyClaim(peer, gate, claim, binding),
      }),
      sendFrame: (frame) => send(on, frame),
    }).catch((error: unknown) => {
      if (!peer.closed) options.onOpeningFailed?.(channelId, error);
      return { ok: false, reason: "handshake_failed" } as const;
    });
    if (!accepted.ok) {
      drop(peer);
      if (tellingReasons.has(accepted.reason)) tellRefused(peer, accepted.reason);
      answer(on, channelId, { refusal: accepted.reason });
      return;
    }
    const { responder } = accepted;
    if (peer.closed || on !== link) {
      // The client or the link went while we signed.
      responder.close("link_lost");
      drop(peer);
      return;
    }
    peer.responder = responder;
    responder.pipe.onClose((reason) => {
      drop(peer);
      if (tellingReasons.has(reason)) tellRefused(peer, reason);
      options.onClosed?.(channelId, reason, peer.caller);
    });
    if (!gate && peer.caller) options.onOpened?.(channelId, peer.caller);
    dispatch(responder.pipe, () => peer.caller);
    answer(on, channelId, { message2: accepted.message2 });
  }

  return {
    startLink(sender, maxMessageBytes) {
      link = { sender, maxMessageBytes };
    },

    openChannel(order) {
      const on = link;
      if (!on) return;
      const { channelId, userId, message1 } = order;
      const refusal = checkOpening(order, {
        mode,
        isOpen: (id) => peers.has(id),
        channels: peers.size,
        channelsOfUser: (id) => ofUser.get(id) ?? 0,
        maxChannels: limits.maxChannels,
        maxChannelsPerUser: limits.maxChannelsPerUser,
        takeRate: (id) => rate.take(id) === 0,
      });
      if (refusal) {
        if (tellingReasons.has(refusal)) tellRefused({ channelId, userId }, refusal);
        answer(on, channelId, { refusal });
        return;
      }
      const peer: Peer = { channelId, userId, responder: null, caller: null, closed: false };
      add(peer);
      if (!queue.add(userId, () => open(on, peer, message1))) {
        drop(peer);
        answer(on, channelId, { refusal: "rate_limited" });
      }
    },

    receiveFrame(frame) {
      const peer = peers.get(frame.channelId);
      // Unknown: it was closed here while the frame was on its way.
      if (!peer) return;
      if (peer.responder) peer.responder.acceptFrame(frame);
      else if (frame.flags === flagClose) drop(peer);
    },

    endLink(reason) {
      link = null;
      queue.clear();
      for (const peer of [...peers.values()]) {
        close(peer, reason);
        drop(peer);
      }
    },

    recheck() {
      for (const peer of [...peers.values()]) {
        if (peer.caller && options.gate?.isStillTrusted(peer.caller) === false) {
          close(peer, "credential_revoked");
        }
      }
    },

    connectedDevices() {
      const devices = [...peers.values()].flatMap(({ caller }) => caller?.device?.deviceId ?? []);
      return new Set(devices);
    },

    get channels() {
      return peers.size;
    },
  };
}
