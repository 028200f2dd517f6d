/** For tests: devices from seeds, and what they sign for each other. */
import { deviceIdOf } from "../identity/device-id.ts";
import {
  type DeviceSigner,
  generateDeviceSecrets,
  makeDeviceSigner,
} from "../identity/device-key.ts";
import { makeNobleDevicePrimitives } from "../identity/noble-device-primitives.ts";
import { makeTestRandom } from "../noise/test-random.ts";
import { decodeGrant, type Grant, type GrantTerms, signGrant } from "./grant.ts";

export interface TestDevice extends DeviceSigner {
  readonly deviceId: string;
  /** A SignedGrant; full scope for user "ann", good from 1,000 to 9,000 unless told otherwise. */
  grant(subject: TestDevice, changes?: Partial<GrantTerms>): Promise<Uint8Array>;
}

/** Signs deterministically. */
export const testDevicePrimitives = makeNobleDevicePrimitives();

export function makeTestDevice(name: string): TestDevice {
  const random = makeTestRandom(`device ${name}`);
  const signer = makeDeviceSigner(testDevicePrimitives, generateDeviceSecrets(random));
  return {
    ...signer,
    deviceId: deviceIdOf(signer.publicKey),
    grant: (subject, changes) =>
      signGrant(signer, random, {
        subject: subject.publicKey,
        userId: "ann",
        scope: { kind: "full" },
        notBeforeMs: 1_000,
        notAfterMs: 9_000,
        ...changes,
      }),
  };
}

export function requireGrant(signedGrant: Uint8Array): Grant {
  const grant = decodeGrant(signedGrant);
  if (!grant) throw new Error("not a grant");
  return grant;
}
