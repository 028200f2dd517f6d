import type { DeviceKeyPrimitives } from "../identity/device-key.ts";
import { deviceIdOf } from "../identity/device-id.ts";
import { maxChainLength, maxGrants } from "../limits/limits.ts";
import { decodeGrant, type Grant, verifyGrantSignature } from "./grant.ts";

/**
 * Of the account's grants, as the hub handed them out, those that a device shows in its claim: what leads to it
 * in at most four steps, whoever the worker's root may be; nearest first, at most 64, none that is expired,
 * forged or superseded, so that nothing the hub adds can crowd out what counts.
 */
export function selectGrants(options: {
  readonly primitives: DeviceKeyPrimitives;
  /** SignedGrants. */
  readonly signedGrants: readonly Uint8Array[];
  readonly devicePublicKey: Uint8Array;
  readonly nowMs: number;
}): Uint8Array[] {
  const { primitives, nowMs } = options;
  const bySubject = new Map<
    string,
    { grant: Grant; signedGrant: Uint8Array; issuerId: string }[]
  >();
  for (const signedGrant of options.signedGrants) {
    const grant = decodeGrant(signedGrant);
    if (!grant || nowMs < grant.notBeforeMs || nowMs >= grant.notAfterMs) continue;
    const subjectId = deviceIdOf(grant.subject);
    const link = { grant, signedGrant, issuerId: deviceIdOf(grant.issuer) };
    bySubject.set(subjectId, [...(bySubject.get(subjectId) ?? []), link]);
  }

  const selected: Uint8Array[] = [];
  const seen = new Set<string>();
  let nearest = [deviceIdOf(options.devicePublicKey)];
  for (let length = 0; length < maxChainLength && nearest.length > 0; length++) {
    const issuers: string[] = [];
    for (const subjectId of nearest) {
      seen.add(subjectId);
      const longestFirst = (bySubject.get(subjectId) ?? []).toSorted(
        (a, b) => b.grant.notAfterMs - a.grant.notAfterMs,
      );
      const taken = new Set<string>();
      for (const { grant, signedGrant, issuerId } of longestFirst) {
        if (selected.length === maxGrants) return selected;
        const kind = `${issuerId} ${grant.userId} ${grant.scope.kind}`;
        if (taken.has(kind) || !verifyGrantSignature(primitives, grant)) continue;
        taken.add(kind);
        selected.push(signedGrant);
        if (!seen.has(issuerId)) issuers.push(issuerId);
      }
    }
    nearest = [...new Set(issuers)].filter((id) => !seen.has(id));
  }
  return selected;
}
