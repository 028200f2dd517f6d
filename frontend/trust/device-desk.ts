import { makeOwnDeviceTerms, signGrant } from "@leapmux/shared/devices/grant.ts";
import {
  decodeRevocation,
  signRevocation,
  verifyRevocationSignature,
} from "@leapmux/shared/devices/revocation.ts";
import type { ClientClaim } from "@leapmux/shared/endpoint/client-claim.ts";
import { deviceIdOf } from "@leapmux/shared/identity/device-id.ts";
import type { DeviceKeyPrimitives, DeviceSigner } from "@leapmux/shared/identity/device-key.ts";
import { deviceFingerprint, type Fingerprint } from "@leapmux/shared/identity/fingerprint.ts";
import type { PinStorage } from "@leapmux/shared/identity/pin-store.ts";
import { signClaim } from "@leapmux/shared/identity/sign-claim.ts";
import { devicePublicKeyBytes } from "@leapmux/shared/limits/limits.ts";
import type { Primitives } from "@leapmux/shared/noise/primitives.ts";
import type { Random } from "@leapmux/shared/platform/platform.ts";
import type { CallHub } from "@leapmux/shared/client/hub-answer.ts";
import { loadBrowserDeviceKey } from "./browser-device-key.ts";
import { makeClaimGrants } from "@leapmux/shared/client/claim-grants.ts";
import {
  type DeviceAnswer,
  DeviceError,
  type DeviceIdentity,
  type DeviceOperations,
  type DeviceRequest,
} from "./device-operations.ts";
import { makePairingDesk } from "./pairing-desk.ts";
import { makeStatementReader } from "./read-statements.ts";
import type { DeviceKeyStorage } from "./stored-device-key.ts";

/**
 * Everything that has to do with the device key, in a thread of its own. Started when a hub asks for
 * logins or the page asks for the device, so never before the first terminal of solo mode.
 */
export interface DeviceDesk {
  run(request: DeviceRequest): Promise<DeviceAnswer>;
  /** What is to be claimed on a channel, once its binding is known (protocol §7). Never fails. */
  prepareClaim(
    userId: string,
    maxMessageBytes: number,
  ): Promise<(binding: Uint8Array) => Promise<ClientClaim>>;
  /** The hub says that devices changed. True where workers that refused this device might take it now. */
  refreshGrants(): Promise<boolean>;
}

export interface DeviceDeskParts {
  readonly storage: DeviceKeyStorage;
  readonly devicePrimitives: DeviceKeyPrimitives;
  readonly primitives: Pick<Primitives, "hmacBlake2b512">;
  readonly pins: PinStorage;
  readonly random: Random;
  readonly subtle: SubtleCrypto | undefined;
  /** Wall clock. */
  readonly nowMs: () => number;
  readonly pause: () => Promise<void>;
  readonly callHub: CallHub;
  /** Of a worker's key. */
  readonly fingerprint: (compositeKey: Uint8Array) => Promise<Fingerprint>;
  /** A worker's pairing failed: no channel to it may stay or come. */
  readonly distrust: (workerId: string) => void;
}

export function makeDeviceDesk(parts: DeviceDeskParts): DeviceDesk {
  const { random, nowMs } = parts;
  const grants = makeClaimGrants({ ...parts, primitives: parts.devicePrimitives });
  let loading: Promise<DeviceSigner> | undefined;

  function signer(): Promise<DeviceSigner> {
    loading ??= loadBrowserDeviceKey({ ...parts, primitives: parts.devicePrimitives }).catch(
      (error: unknown) => {
        // What is damaged stays so, what the browser refuses may pass: asked anew each time.
        loading = undefined;
        throw error;
      },
    );
    return loading;
  }

  async function describe(publicKey: Uint8Array): Promise<DeviceIdentity> {
    if (publicKey.length !== devicePublicKeyBytes) throw new RangeError("not a device key");
    const { words } = await deviceFingerprint(publicKey);
    return { deviceId: deviceIdOf(publicKey), publicKey, words };
  }

  function isRevocationOf(publicKey: Uint8Array, bytes: Uint8Array): boolean {
    const revocation = decodeRevocation(bytes);
    if (!revocation || deviceIdOf(revocation.device) !== deviceIdOf(publicKey)) return false;
    return verifyRevocationSignature(parts.devicePrimitives, revocation);
  }

  const operations: DeviceOperations = {
    ...makePairingDesk({ ...parts, signer }),
    identify: async () => describe((await signer()).publicKey),
    describe: ({ publicKey }) => describe(publicKey),

    async forgetKey({ revocations }) {
      const publicKey = await signer().then(
        (device) => device.publicKey,
        (error: unknown) => {
          if (!(error instanceof DeviceError) || error.trouble !== "key_damaged") throw error;
        },
      );
      if (publicKey && !revocations.some((bytes) => isRevocationOf(publicKey, bytes))) {
        throw new RangeError("the device key is good");
      }
      await parts.storage.delete();
      loading = undefined;
      return {};
    },

    async approve({ userId, publicKey }) {
      const issuer = await signer();
      const terms = makeOwnDeviceTerms(publicKey, userId, nowMs());
      const bytes = await signGrant(issuer, random, terms);
      return statement(issuer, publicKey, bytes);
    },

    async revoke({ userId, publicKey }) {
      const issuer = await signer();
      const terms = { device: publicKey, userId, revokedAtMs: nowMs() };
      return statement(issuer, publicKey, await signRevocation(issuer, terms));
    },

    readStatements: makeStatementReader({
      primitives: parts.devicePrimitives,
      pause: parts.pause,
    }),
  };

  return {
    async run({ operation, input }) {
      try {
        const run = operations[operation] as (given: typeof input) => Promise<unknown>;
        return { ok: true, value: await run(input) };
      } catch (error) {
        return { ok: false, trouble: error instanceof DeviceError ? error.trouble : "failed" };
      }
    },

    async prepareClaim(userId, maxMessageBytes) {
      try {
        const device = await signer();
        const shown = await grants.of(device.publicKey, maxMessageBytes);
        return async (binding) => ({
          userId,
          devicePublicKey: device.publicKey,
          signature: await signClaim(device, binding, userId),
          grants: shown,
        });
      } catch {
        // Without a device: a worker that wants one says so, and the page shows why there is none.
        return async () => ({ userId });
      }
    },

    async refreshGrants() {
      try {
        return await grants.refresh((await signer()).publicKey);
      } catch {
        return false;
      }
    },
  };
}

function statement(issuer: DeviceSigner, subject: Uint8Array, bytes: Uint8Array) {
  return {
    issuerDeviceId: deviceIdOf(issuer.publicKey),
    subjectDeviceId: deviceIdOf(subject),
    bytes,
  };
}
