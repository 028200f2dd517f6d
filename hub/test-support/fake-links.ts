import { randomBytes } from "node:crypto";
import { makeManualClock, type ManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import type { OpenChannelOrder } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import type { Frame } from "@leapmux/shared/envelope/frame.ts";
import pino from "pino";
import { makeHubLimits, type HubLimits } from "../config/hub-limits.ts";
import { makeHubLog } from "../ops/hub-log.ts";
import type { Change, ClientLink, LinkEnd, WorkerLink } from "../relay/channel.ts";
import { encodeRelayedFrame } from "../relay/decode-batch.ts";
import { encodeBatch } from "../relay/encode-batch.ts";
import { makeFrameOutlet } from "../relay/deliver-frame.ts";
import type { LoginEndReason } from "../accounts/login-end.ts";
import { openChannel, type Opening } from "../relay/open-channel.ts";
import { relayFrames } from "../relay/relay-frames.ts";
import { makeRelay, type Relay } from "../relay/relay.ts";
import type { makeWorkerLink } from "../relay/serve-worker-link.ts";

/** The relay with links that are no network: what reaches an outlet stays there until the test takes it. */
export interface FakeRelay {
  readonly relay: Relay;
  readonly clock: ManualClock;
  client(
    linkId: string,
    userId?: string,
    loginId?: string | null,
    takeHeard?: () => boolean,
  ): FakeLink<ClientLink>;
  worker(
    workerId: string,
    userId?: string,
  ): FakeLink<WorkerLink> & {
    orders: OpenChannelOrder[];
    /** What else the hub told the worker. */
    told: string[];
  };
  /** Opens through the relay; the worker accepts at once unless told otherwise. */
  open(
    client: FakeLink<ClientLink>,
    worker: FakeLink<WorkerLink>,
    channelId: string,
    options?: { answer?: (() => void) | null; signal?: AbortSignal; message1?: Uint8Array },
  ): Promise<Opening>;
}

/** For the pump of a worker's link where a test looks at something else. */
export const noWorkerParts: Parameters<typeof makeWorkerLink>[3] = {
  onDeregistered: () => undefined,
  async *listRevocations() {},
  cut: () => undefined,
};

export interface FakeLink<L> {
  readonly link: L;
  readonly ends: LinkEnd[];
  readonly changes: Change[];
  readonly loginEnds: LoginEndReason[];
  /** False: the link has to end. */
  send(...frames: Partial<Frame>[]): boolean;
  /** Channel and flags, for closes the reason, of what was delivered since. */
  taken(): string[];
}

export function makeFakeRelay(chosen: Partial<HubLimits> = {}): FakeRelay {
  const clock = makeManualClock();
  const limits = makeHubLimits(chosen);
  const relay = makeRelay({
    limits,
    clock: { ...clock, wallMs: () => clock.now() },
    random: (length) => new Uint8Array(randomBytes(length)),
    log: makeHubLog(pino({ level: "silent" })),
  });

  function base(side: "client" | "worker") {
    const ends: LinkEnd[] = [];
    const changes: Change[] = [];
    const loginEnds: LoginEndReason[] = [];
    const outlet = makeFrameOutlet({
      maxBytesPerChannel: limits.maxQueuedBytesPerChannel,
      maxBytes: limits.maxQueuedBytesPerLink,
      clock,
      onReady: () => undefined,
    });
    const common = {
      outlet,
      channels: new Map(),
      end: (why: LinkEnd) => void ends.push(why),
      sendGoingAway: () => undefined,
      get isDrained() {
        return outlet.isEmpty;
      },
    };
    const wrap = <L extends ClientLink | WorkerLink>(link: L): FakeLink<L> => ({
      link,
      ends,
      changes,
      loginEnds,
      send: (...frames) =>
        relayFrames(
          relay,
          link,
          encodeBatch(
            frames.map((frame) =>
              encodeRelayedFrame({
                channelId: "c1",
                correlationId: 1n,
                flags: 0,
                ciphertext: new Uint8Array(100),
                ...frame,
              }),
            ),
          ),
        ),
      taken: () =>
        outlet
          .take(Number.MAX_SAFE_INTEGER)
          .map(({ channelId, flags, ciphertext }) =>
            flags === 2
              ? `${channelId}:${Buffer.from(ciphertext).toString()}`
              : `${channelId}:${flags}`,
          ),
    });
    return { side, common, changes, loginEnds, wrap };
  }

  return {
    relay,
    clock,
    client(linkId, userId = "ann", loginId = null, takeHeard = () => false) {
      const { common, changes, loginEnds, wrap } = base("client");
      const link: ClientLink = {
        ...common,
        get isDrained() {
          return common.isDrained;
        },
        side: "client",
        linkId,
        principal: { userId, role: "user", loginId },
        sendChanged: (change) => void changes.push(change),
        takeHeard,
        endLogin: (reason) => void loginEnds.push(reason),
      };
      relay.addClient(link);
      return wrap(link);
    },
    worker(workerId, userId = "ann") {
      const { common, wrap } = base("worker");
      const orders: OpenChannelOrder[] = [];
      const told: string[] = [];
      const link: WorkerLink = {
        ...common,
        get isDrained() {
          return common.isDrained;
        },
        side: "worker",
        workerId,
        userId,
        mode: "classic",
        compositePublicKey: new Uint8Array(1664),
        maxMessageBytes: limits.maxMessageBytes,
        answers: new Map(),
        sendOrder: (order) => void orders.push(order),
        sendPairingAnswer: (answer) => void told.push(`pairing answer of ${answer.userId}`),
        sendRevocations: (signed) => void told.push(`revocations: ${signed.length}`),
        sendDeregister: () => void told.push("deregister"),
      };
      relay.addWorker(link);
      return { ...wrap(link), orders, told };
    },
    open(client, worker, channelId, options = {}) {
      const opening = openChannel(relay, {
        principal: client.link.principal,
        linkId: client.link.linkId,
        workerId: worker.link.workerId,
        channelId,
        mode: "classic",
        message1: options.message1 ?? new Uint8Array(48),
        signal: options.signal ?? new AbortController().signal,
      });
      const accept = (): void => {
        const answer = worker.link.answers.get(channelId);
        worker.link.answers.delete(channelId);
        answer?.({ message2: new Uint8Array(48), refusal: "" });
      };
      if (options.answer !== null) (options.answer ?? accept)();
      return opening;
    },
  };
}
