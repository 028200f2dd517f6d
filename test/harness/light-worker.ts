/**
 * A worker that consists of its link alone: registered for real, kept up by the worker's own code, answers every
 * opening without sealing anything. Hundreds of them fit into one process.
 */
import { randomBytes } from "node:crypto";
import { createClient, type Transport } from "@connectrpc/connect";
import { nodeClock, nodeRandom } from "@leapmux/native/node-platform.ts";
import { WorkerLinkService } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { compositeKeyBytes, defaultMaxMessageBytes } from "@leapmux/shared/limits/limits.ts";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import { defaultWorkerLimits } from "@leapmux/worker/config/worker-limits.ts";
import { keepLink, type LinkState } from "@leapmux/worker/link/keep-link.ts";
import { registerWorker } from "@leapmux/worker/register-worker.ts";
import type { Cleanup } from "./make-cleanup.ts";

export interface LightWorker {
  readonly workerId: string;
  state(): LinkState;
  /** When it dialled, by its clock. */
  readonly dialledAtMs: readonly number[];
  /** Welcomes so far. */
  readonly welcomes: number;
  stop(): Promise<void>;
}

export async function startLightWorker(
  cleanup: Cleanup,
  options: {
    readonly transport: Transport;
    /** Absent where the other side knows everybody. */
    readonly registrationKey?: string;
    readonly clock?: Clock;
    readonly onState?: (state: LinkState) => void;
  },
): Promise<LightWorker> {
  const { transport, registrationKey, clock = nodeClock } = options;
  const workerId = `wkr_${randomBytes(16).toString("base64url")}`;
  const compositePublicKey = new Uint8Array(randomBytes(compositeKeyBytes));
  const workerToken =
    registrationKey === undefined
      ? "no token"
      : await registerWorker({
          transport,
          registrationKey,
          identity: { workerId, compositePublicKey },
          name: "light",
          mode: "classic",
          workerMac: null,
        });
  const dialledAtMs: number[] = [];
  let welcomes = 0;
  const keeper = keepLink({
    client: createClient(WorkerLinkService, transport),
    workerId,
    workerToken: () => workerToken,
    compositePublicKey,
    mode: "classic",
    maxMessageBytes: defaultMaxMessageBytes,
    clock,
    random: nodeRandom,
    limits: defaultWorkerLimits,
    receiver: {
      welcome: () => void (welcomes += 1),
      receiveFrame: () => undefined,
      openChannel: () => undefined,
      goingAway: () => undefined,
      pairingAnswer: () => undefined,
      deviceRevocations: () => undefined,
      deregister: () => Promise.resolve(true),
    },
    onState(state) {
      if (state === "connecting") dialledAtMs.push(clock.now());
      options.onState?.(state);
    },
    onRefused: () => Promise.resolve(),
    onDown: () => undefined,
  });
  keeper.start();
  cleanup.add(() => keeper.stop());
  return {
    workerId,
    state: () => keeper.state(),
    dialledAtMs,
    get welcomes() {
      return welcomes;
    },
    stop: () => keeper.stop(),
  };
}
