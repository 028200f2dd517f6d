/**
 * For tests: both ends of a channel in one process with a wire between them that tests may hold, look at
 * and tamper with. Frames move only in `settle`, or by themselves where `auto` is set.
 */
import type { Frame } from "../envelope/frame.ts";
import type { CloseReason } from "../errors/close-reason.ts";
import { compositeKeyBytes, defaultMaxMessageBytes, x25519KeyBytes } from "../limits/limits.ts";
import { noblePrimitives } from "../noise/noble-primitives.ts";
import type { MlKemKeyPair, Primitives, Signer } from "../noise/primitives.ts";
import { makeTestRandom } from "../noise/test-random.ts";
import { makeManualClock, type ManualClock } from "../platform/manual-clock.ts";
import { type Initiator, type InitiatorOptions, startInitiator } from "./initiator.ts";
import { acceptInitiator, type Responder, type ResponderOptions } from "./responder.ts";

export interface TestChannel {
  readonly clock: ManualClock;
  readonly initiator: Initiator;
  readonly responder: Responder;
  /** Frames under way, oldest first. */
  readonly toWorker: Frame[];
  readonly toClient: Frame[];
  readonly closed: { client: CloseReason | null; worker: CloseReason | null };
  /** Delivers until nothing is under way. */
  settle(): void;
}

export const unusedSigner: Signer = {
  publicKey: new Uint8Array(64),
  sign: () => Promise.reject(new Error("classic mode signs nothing")),
};

export const unusedPair: MlKemKeyPair = {
  encapsulationKey: new Uint8Array(0),
  secret: null,
  destroy: () => undefined,
};

export async function makeTestChannel(
  options: {
    readonly initiator?: Partial<InitiatorOptions>;
    readonly responder?: Partial<ResponderOptions>;
    readonly primitives?: Primitives;
    readonly seed?: number;
    /** Frames travel by themselves, one by one, in later microtasks. */
    readonly auto?: boolean;
  } = {},
): Promise<TestChannel> {
  const { primitives = noblePrimitives, auto = false } = options;
  const clock = makeManualClock();
  const random = makeTestRandom(options.seed ?? 1);
  const x25519PrivateKey = random(32);
  const workerKey = new Uint8Array(compositeKeyBytes);
  workerKey.set(primitives.x25519PublicKey(x25519PrivateKey).subarray(0, x25519KeyBytes));
  const toWorker: Frame[] = [];
  const toClient: Frame[] = [];
  const shared = {
    primitives,
    random,
    clock,
    mode: "classic",
    workerId: "worker",
    channelId: "channel",
    maxMessageBytes: defaultMaxMessageBytes,
  } as const;

  let responder: Responder | null = null;
  const toWorkerNow = () => {
    const frame = toWorker.shift();
    if (frame) responder?.acceptFrame(frame);
  };
  const toClientNow = () => {
    const frame = toClient.shift();
    if (frame) initiator?.acceptFrame(frame);
  };
  const started = startInitiator({
    ...shared,
    workerKey,
    claim: { userId: "user" },
    sendFrame(frame) {
      toWorker.push(frame);
      if (auto) void Promise.resolve().then(toWorkerNow);
    },
    ...options.initiator,
  });
  if (!started.ok) throw new Error(started.message);
  const accepted = await acceptInitiator({
    ...shared,
    signer: unusedSigner,
    identity: { x25519PrivateKey, mlKemPair: unusedPair },
    userId: "user",
    clientAuth: "hub",
    message1: started.message1,
    sendFrame(frame) {
      toClient.push(frame);
      if (auto) void Promise.resolve().then(toClientNow);
    },
    ...options.responder,
  });
  if (!accepted.ok) throw new Error(accepted.message);
  responder = accepted.responder;
  let initiator: Initiator | null = null;
  const finished = started.finish(accepted.message2);
  if (!finished.ok) throw new Error(finished.message);
  initiator = finished.initiator;

  const closed: TestChannel["closed"] = { client: null, worker: null };
  initiator.pipe.onClose((reason) => (closed.client = reason));
  responder.pipe.onClose((reason) => (closed.worker = reason));
  return {
    clock,
    initiator,
    responder,
    toWorker,
    toClient,
    closed,
    settle() {
      while (toWorker.length > 0 || toClient.length > 0) {
        toWorkerNow();
        toClientNow();
      }
    },
  };
}
