/**
 * A hub, a worker that demands devices, and the device that it was paired with through the hub. A man in the
 * middle on the worker's link can also put answers to the pairing there, genuine and other ones.
 */
import { join } from "node:path";
import { nativePrimitives } from "@leapmux/native/native-primitives.ts";
import type { RefusedOpening } from "@leapmux/proto/sealed/v1/device_pb.ts";
import { makeDeviceMac, parsePairingKey } from "@leapmux/shared/identity/pairing.ts";
import type { EncryptionMode } from "@leapmux/shared/noise/primitives.ts";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import { createWorker, type Worker } from "@leapmux/worker/context.ts";
import { makeHubTransport } from "@leapmux/worker/link/dial-hub.ts";
import type { PairingOutcome } from "@leapmux/worker/trust/await-pairing.ts";
import { type ClientDevice, makeClientDevice } from "./client-device.ts";
import { type HostileWorkerLink, makeHostileWorkerLink } from "./hostile-worker-link.ts";
import type { Cleanup } from "./make-cleanup.ts";
import { openRegistrationDialog, type RegistrationDialog } from "./registration-dialog.ts";
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
  /** Of the browser that showed the worker's command. */
  readonly dialog: RegistrationDialog;
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
  /** Solo unless said. */
  readonly kind?: "solo" | "hub";
  /** False: the device is made, but the worker does not hear of it. */
  readonly isPaired?: boolean;
  /** Classic unless said: signatures of the handshake are not the question here. */
  readonly mode?: EncryptionMode;
  /** Whose the root is, where not the user's of the hub. */
  readonly rootUserId?: string;
  readonly workerClock?: Clock;
  readonly wallClockMs?: () => number;
}

export async function startPairedSystem(
  cleanup: Cleanup,
  options: PairedSystemOptions = {},
): Promise<PairedSystem> {
  const hub = await startHub(cleanup, { kind: options.kind ?? "solo" });
  const client = await connectClient(cleanup, hub.url);
  const dialog = await openRegistrationDialog(client);
  const pairingKey = parsePairingKey(dialog.key);
  const secret = pairingKey?.secret;
  if (!pairingKey || !secret) throw new Error("the dialog's key has no secret");
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
  await worker.register(pairingKey);
  worker.start();
  await until(() => worker.state() === "online", "the worker online");

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
    // A hub only passes on what its own user answers.
    if (options.rootUserId === undefined) await dialog.answer(device);
    else answerPairing(device);
    await until(() => outcomes.includes("paired"), "the pairing");
  }

  return {
    ...hub,
    worker,
    workerDir,
    workerLink,
    client,
    device,
    dialog,
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
