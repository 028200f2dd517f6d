/**
 * What the browser's dialog "Register worker" does (protocol §7), without the browser: a key of the hub with a
 * secret of its own behind it, the worker's proof checked, the device's proof sent back.
 */
import { nativePrimitives } from "@leapmux/native/native-primitives.ts";
import { nodeRandom } from "@leapmux/native/node-platform.ts";
import {
  RegistrationState,
  type GetRegistrationResponse,
} from "@leapmux/proto/hub/v1/worker_pb.ts";
import {
  checkWorkerMac,
  formatPairingKey,
  generatePairingSecret,
  makeDeviceMac,
} from "@leapmux/shared/identity/pairing.ts";
import type { ClientDevice } from "./client-device.ts";
import { untilTold, type TestClient } from "./test-client.ts";

export interface RegistrationDialog {
  readonly keyId: string;
  /** For `--registration-key`. */
  readonly key: string;
  /** Resolves when the hub told that a worker came. Throws where that is not the one with the key's secret. */
  registered(): Promise<GetRegistrationResponse>;
  /** Proves this device to that worker. */
  answer(device: ClientDevice): Promise<void>;
}

export async function openRegistrationDialog(client: TestClient): Promise<RegistrationDialog> {
  const secret = generatePairingSecret(nodeRandom);
  const { keyId, key } = await client.workers.createRegistrationKey({});

  async function registered(): Promise<GetRegistrationResponse> {
    for (;;) {
      // Other dialogs of the account may be what the word is about.
      const told = untilTold(client, "registrations");
      const registration = await client.workers.getRegistration({ keyId });
      const { state, workerId, compositePublicKey, workerMac } = registration;
      if (state === RegistrationState.WAITING) {
        await told;
        continue;
      }
      told.catch(() => undefined);
      const worker = { workerId, compositeKey: compositePublicKey };
      if (!checkWorkerMac(nativePrimitives, secret, worker, workerMac)) {
        throw new Error("this is not the worker that was given the key");
      }
      return registration;
    }
  }

  return {
    keyId,
    key: formatPairingKey(key, secret),
    registered,
    async answer({ userId, publicKey: devicePublicKey }) {
      const { compositePublicKey: compositeKey } = await registered();
      const device = { userId, devicePublicKey, compositeKey };
      await client.workers.answerPairing({
        keyId,
        devicePublicKey,
        deviceMac: makeDeviceMac(nativePrimitives, secret, device),
      });
    },
  };
}
