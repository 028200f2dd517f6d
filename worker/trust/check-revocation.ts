import { findGrantChain, type TrustedRoot } from "@leapmux/shared/devices/grant-chain.ts";
import type { Grant } from "@leapmux/shared/devices/grant.ts";
import { type Revocation, verifyRevocationSignature } from "@leapmux/shared/devices/revocation.ts";
import { deviceIdOf } from "@leapmux/shared/identity/device-id.ts";
import type { TrustState } from "./verify-caller.ts";

export type RevocationVerdict =
  | "accepted"
  /** Nobody who is trusted signed it, as far as this worker can tell now. */
  | "issuer_unknown"
  /** The issuer is somebody else's device. */
  | "not_theirs"
  | "forged";

/**
 * Whether a statement counts: a device may always give itself up; everybody else must be a trusted device with
 * the full scope, and of the user whose worker the revoked device came to.
 */
export function checkRevocation(
  revocation: Revocation,
  state: TrustState,
  from: {
    /** Grants that may lead to the issuer: those of its own last claim and those that somebody showed now. */
    readonly grants: readonly Grant[];
    /** Whose root or guest the revoked device is, where this worker has seen it. */
    readonly ownerOfDevice: string | null;
  },
): RevocationVerdict {
  const issuerId = deviceIdOf(revocation.issuer);
  if (issuerId !== deviceIdOf(revocation.device)) {
    if (state.isRevoked(issuerId)) return "issuer_unknown";
    const owners = new Set(
      state.roots
        .filter((root) => isFullDeviceOf(root, revocation.issuer, state, from.grants))
        .map(({ userId }) => userId),
    );
    if (owners.size === 0) return "issuer_unknown";
    if (from.ownerOfDevice !== null && !owners.has(from.ownerOfDevice)) return "not_theirs";
  }
  return verifyRevocationSignature(state.primitives, revocation) ? "accepted" : "forged";
}

function isFullDeviceOf(
  root: TrustedRoot,
  device: Uint8Array,
  state: TrustState,
  grants: readonly Grant[],
): boolean {
  const { userId } = root;
  const found = findGrantChain({
    ...state,
    roots: [root],
    grants,
    devicePublicKey: device,
    userId,
  });
  return found.ok && found.scope.kind === "full";
}
