/** A client's installation: its device key, the grants that it shows, and what it signs for others. */
import { nativeDevicePrimitives } from "@leapmux/native/native-device-primitives.ts";
import { nodeRandom } from "@leapmux/native/node-platform.ts";
import { type GrantTerms, makeOwnDeviceTerms, signGrant } from "@leapmux/shared/devices/grant.ts";
import { signRevocation } from "@leapmux/shared/devices/revocation.ts";
import type { InitiatorOptions } from "@leapmux/shared/endpoint/initiator.ts";
import { deviceIdOf } from "@leapmux/shared/identity/device-id.ts";
import {
  type DeviceSigner,
  generateDeviceSecrets,
  makeDeviceSigner,
} from "@leapmux/shared/identity/device-key.ts";
import { signClaim } from "@leapmux/shared/identity/sign-claim.ts";

export interface ClientDevice extends DeviceSigner {
  readonly deviceId: string;
  readonly userId: string;
  /** Shown in each claim; tests add to it. */
  readonly grants: Uint8Array[];
  /** For `ChannelKnobs.claim`. */
  readonly claim: Extract<InitiatorOptions["claim"], (binding: Uint8Array) => unknown>;
  /** Full scope, own user, 90 days, unless told otherwise. */
  grant(subject: ClientDevice, changes?: Partial<GrantTerms>): Promise<Uint8Array>;
  revoke(device: ClientDevice): Promise<Uint8Array>;
}

export function makeClientDevice(userId: string): ClientDevice {
  const signer = makeDeviceSigner(nativeDevicePrimitives, generateDeviceSecrets(nodeRandom));
  const grants: Uint8Array[] = [];
  return {
    ...signer,
    deviceId: deviceIdOf(signer.publicKey),
    userId,
    grants,
    claim: async (binding) => ({
      userId,
      devicePublicKey: signer.publicKey,
      signature: await signClaim(signer, binding, userId),
      grants,
    }),
    grant: (subject, changes) =>
      signGrant(signer, nodeRandom, {
        ...makeOwnDeviceTerms(subject.publicKey, subject.userId, Date.now()),
        ...changes,
      }),
    revoke: (device) =>
      signRevocation(signer, {
        device: device.publicKey,
        userId: device.userId,
        revokedAtMs: Date.now(),
      }),
  };
}
