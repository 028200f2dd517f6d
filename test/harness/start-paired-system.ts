/**
 * A hub, a worker that demands devices, and the device that it was paired with. The pairing's answer is put on
 * the worker's link by the man in the middle: whether hubs carry it is their own tests' business.
 */
import { join } from "node:path";
import { nativePrimitives } from "@leapmux/native/native-primitives.ts";
import { nodeRandom } from "@leapmux/native/node-platform.ts";
import type { RefusedOpening } from "@leapmux/proto/sealed/v1/device_pb.ts";
import { generatePairingSecret, makeDeviceMac } from "@leapmux/shared/identity/pairing.ts";
import type { EncryptionMode } from "@leapmux/shared/noise/primitives.ts";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import { createWorker, type Worker } from "@leapmux/worker/context.ts";
import { makeHubTransport } from "@leapmux/worker/link/dial-hub.ts";
import type { PairingOutcome } from "@leapmux/worker/trust/await-pairing.ts";
import { type ClientDevice, makeClientDevice } from "./client-device.ts";
import { type HostileWorkerLink, makeHostileWorkerLink } from "./hostile-worker-link.ts";
import type { Cleanup } from "./make-cleanup.ts";
import { startHub, type StartedHub } from "./start-hub.ts";
import { connectClient, type TestClient } from "./test-client.ts";
import { until } from "./until.ts";

export interface PairedSystem extends StartedHub {
  readonly worker: Worker;
  readonly workerDir: string;
  readonly workerLink: HostileWorkerLink;
  readonly client: TestClient;
  /** The root. */
  readonly device: ClientDevice;
  readonly outcomes: readonly PairingOutcome[];
  answerPairing(device: ClientDevice, changes?: Partial<PairingAnswerParts>): void;
  /** As the owner sees them, newest first. */
  refusals(): Promise<readonly RefusedOpening[]>;
}

export interface PairingAnswerParts {
  readonly userId: string;
  readonly devicePublicKey: Uint8Array;
  readonly deviceMac: Uint8Array;
}

export interface PairedSystemOptions {
  /** False: the device is made, but the worker does not hear of it. */
  readonly isPaired?: boolean;
  /** Classic unless said: signatures of the handshake are not the question here. */
  readonly mode?: EncryptionMode;
  /** Whose the root is, where not the hub's one user's. */
  readonly rootUserId?: string;
  readonly workerClock?: Clock;
  readonly wallClockMs?: () => number;
}

export async function startPairedSystem(
  cleanup: Cleanup,
  options: PairedSystemOptions = {},
): Promise<PairedSystem> {
  const hub = await startHub(cleanup);
  const workerDir = join(hub.directory, "worker");
  const workerLink = makeHostileWorkerLink(makeHubTransport(hub.url));
  const worker = await createWorker({
    dataDir: workerDir,
    transport: workerLink.transport,
    name: "paired worker",
    mode: options.mode ?? "classic",
    clientAuth: "paired",
    bundled: false,
    hubAddress: hub.url,
    logger: hub.logger,
    limits: { openingsPerMinutePerUser: 10_000 },
    clock: options.workerClock,
    wallClockMs: options.wallClockMs,
  });
  cleanup.add(() => worker.stop());
  const outcomes: PairingOutcome[] = [];
  worker.onPairing((outcome) => outcomes.push(outcome));
  const { key: registrationKey } = await hub.hub.mintRegistrationKey();
  const secret = generatePairingSecret(nodeRandom);
  await worker.register({ registrationKey, secret });
  worker.start();
  await until(() => worker.state() === "online", "the worker online");

  const client = await connectClient(cleanup, hub.url);
  const device = makeClientDevice(options.rootUserId ?? client.userId);
  const answerPairing: PairedSystem["answerPairing"] = (by, changes) => {
    const compositeKey = worker.identity.compositePublicKey;
    const { userId, publicKey: devicePublicKey } = by;
    const parts = { userId, devicePublicKey, compositeKey };
    const deviceMac = makeDeviceMac(nativePrimitives, secret, parts);
    const value = { userId, devicePublicKey, deviceMac, ...changes };
    workerLink.injectDown({
      case: "pairingAnswer",
      value: {
        userId: value.userId,
        devicePublicKey: new Uint8Array(value.devicePublicKey),
        deviceMac: new Uint8Array(value.deviceMac),
      },
    });
  };
  if (options.isPaired !== false) {
    answerPairing(device);
    await until(() => outcomes.includes("paired"), "the pairing");
  }

  return {
    ...hub,
    worker,
    workerDir,
    workerLink,
    client,
    device,
    outcomes,
    answerPairing,
    async refusals() {
      const channel = await client.channel({ claim: device.claim });
      const { refusals } = await channel.devices.listDevices({});
      channel.close();
      return refusals;
    },
  };
}
