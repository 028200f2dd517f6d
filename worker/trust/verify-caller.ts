import {
  type ChainResult,
  findGrantChain,
  type TrustedRoot,
} from "@leapmux/shared/devices/grant-chain.ts";
import { decodeGrant, type Grant } from "@leapmux/shared/devices/grant.ts";
import type { ClientClaim } from "@leapmux/shared/endpoint/client-claim.ts";
import { deviceIdOf } from "@leapmux/shared/identity/device-id.ts";
import type { DeviceKeyPrimitives } from "@leapmux/shared/identity/device-key.ts";
import { verifyClaimSignature } from "@leapmux/shared/identity/sign-claim.ts";
import { devicePublicKeyBytes, maxGrants } from "@leapmux/shared/limits/limits.ts";
import type { Caller } from "../dispatch/caller.ts";

/** Whom a worker trusts at this moment. */
export interface TrustState {
  readonly primitives: DeviceKeyPrimitives;
  readonly roots: readonly TrustedRoot[];
  readonly isRevoked: (deviceId: string) => boolean;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly nowMs: number;
}

export type CallerVerdict =
  | { readonly ok: true; readonly caller: Caller }
  | {
      readonly ok: false;
      /** Empty where the claim named no device. */
      readonly deviceId: string;
      /** One sentence, for the worker's log and its owner. */
      readonly detail: string;
      /** It holds the key that it names, nobody vouches for it: somebody at the console may. */
      readonly isProven: boolean;
    };

/** Who opens this channel (protocol §7): sizes first, then the claim's signature, then a chain from a root. */
export function verifyCaller(
  claim: ClientClaim,
  binding: Uint8Array,
  state: TrustState,
): CallerVerdict {
  const { userId, devicePublicKey, signature } = claim;
  const signedGrants = claim.grants ?? [];
  if (!devicePublicKey || devicePublicKey.length === 0) {
    return refuse("", "the claim names no device");
  }
  if (devicePublicKey.length !== devicePublicKeyBytes) {
    return refuse("", "the device key has the wrong size");
  }
  const deviceId = deviceIdOf(devicePublicKey);
  if (signedGrants.length > maxGrants) return refuse(deviceId, "the claim shows too many grants");
  const signed = {
    devicePublicKey,
    signature: signature ?? new Uint8Array(0),
    binding,
    userId,
  };
  if (!verifyClaimSignature(state.primitives, signed)) {
    return refuse(deviceId, "the signature does not fit this channel, user and device");
  }

  const shown: Grant[] = [];
  for (const signedGrant of signedGrants) {
    const grant = decodeGrant(signedGrant);
    if (!grant) return refuse(deviceId, "a grant is malformed", true);
    shown.push(grant);
  }
  const found = findGrantChain({ ...state, grants: shown, devicePublicKey, userId });
  if (!found.ok) return refuse(deviceId, describe(found), true);
  const { ownerId, scope, grants: chain } = found;
  const device = { deviceId, publicKey: devicePublicKey.slice(), chain, shown };
  return { ok: true, caller: { userId, ownerId, scope, device } };
}

function refuse(deviceId: string, detail: string, isProven = false): CallerVerdict {
  return { ok: false, deviceId, detail, isProven };
}

function describe({ why }: Extract<ChainResult, { ok: false }>): string {
  switch (why) {
    case "unknown":
      return "no grant leads from a trusted device to this one";
    case "revoked":
      return "the device, or one that vouched for it, was revoked";
    case "expired":
      return "the grants of this device have expired";
    case "forged":
      return "a grant was not signed by the device that it names";
  }
}
