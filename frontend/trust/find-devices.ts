import { maxChainLength, renewGrantBeforeMs } from "@leapmux/shared/limits/limits.ts";
import type { DeviceName, GrantFact, TrustFacts } from "./device-operations.ts";

/**
 * What the account's grants and revocations come to, seen from this device (protocol §7). The hub can
 * leave statements out and can let any key vouch for this device; it cannot make this device's own
 * trust reach anybody.
 */
export interface KnownDevice extends DeviceName {
  /**
   * `trusted`: this device's own grants lead to it. `vouching`: it says that this device is the same
   * user's, and this device has not said so of it. `other`: neither, such as one whose grant ran out.
   */
  readonly standing: "trusted" | "vouching" | "other" | "revoked";
  /** Devices whose grant for it is good now. */
  readonly trustedBy: readonly string[];
  /** Until when this device's trust reaches it; else until when the longest grant for it is good. 0: never was. */
  readonly untilMs: number;
  readonly revokedAtMs: number | undefined;
  readonly revokedBy: string | undefined;
}

export interface DeviceView {
  readonly others: readonly KnownDevice[];
  /** Undefined where nobody that counts revoked this device. */
  readonly ownRevokedAtMs: number | undefined;
}

export function findDevices(me: DeviceName, facts: TrustFacts, nowMs: number): DeviceView {
  const names = new Map<string, DeviceName>();
  for (const { issuer, subject } of [...facts.grants, ...facts.revocations]) {
    names.set(issuer.deviceId, issuer);
    names.set(subject.deviceId, subject);
  }
  names.delete(me.deviceId);

  const isGood = (grant: GrantFact) => grant.notBeforeMs <= nowMs && nowMs < grant.notAfterMs;
  const own = (grant: GrantFact) => grant.subject.deviceId === me.deviceId;
  // Whoever this device ever trusted, however indirectly, may revoke; a stranger may not.
  const everTrusted = reach(me.deviceId, facts.grants);
  const voices = new Set(facts.grants.filter(own).map(({ issuer }) => issuer.deviceId));
  const revoked = new Map<string, { atMs: number; by: string }>();
  let ownRevokedAtMs: number | undefined;
  for (const { issuer, subject, revokedAtMs } of facts.revocations) {
    const by = issuer.deviceId;
    if (subject.deviceId === me.deviceId) {
      if (everTrusted.has(by) || voices.has(by)) ownRevokedAtMs = revokedAtMs;
    } else if (everTrusted.has(by)) {
      revoked.set(subject.deviceId, { atMs: revokedAtMs, by });
    }
  }

  const good = facts.grants.filter(
    (grant) => grant.isFull && isGood(grant) && !revoked.has(grant.subject.deviceId),
  );
  const reached = reach(me.deviceId, good);
  const others = [...names.values()].map((name): KnownDevice => {
    const { deviceId } = name;
    const gone = revoked.get(deviceId);
    const isVouching = good.some((grant) => own(grant) && grant.issuer.deviceId === deviceId);
    const forIt = facts.grants.filter((grant) => grant.subject.deviceId === deviceId);
    return {
      ...name,
      standing: gone
        ? "revoked"
        : reached.has(deviceId)
          ? "trusted"
          : isVouching
            ? "vouching"
            : "other",
      trustedBy: [...new Set(forIt.filter(isGood).map(({ issuer }) => issuer.deviceId))],
      untilMs: reached.get(deviceId) ?? Math.max(0, ...forIt.map(({ notAfterMs }) => notAfterMs)),
      revokedAtMs: gone?.atMs,
      revokedBy: gone?.by,
    };
  });
  return { others, ownRevokedAtMs };
}

/** Trusted devices whose time runs out within 30 days; none where this device itself was revoked. */
export function findRenewals(view: DeviceView, nowMs: number): readonly KnownDevice[] {
  if (view.ownRevokedAtMs !== undefined) return [];
  return view.others.filter(
    ({ standing, untilMs }) => standing === "trusted" && untilMs - nowMs < renewGrantBeforeMs,
  );
}

/** Who is led to in at most four steps, and until when at best. */
function reach(from: string, grants: readonly GrantFact[]): ReadonlyMap<string, number> {
  const untilMs = new Map([[from, Infinity]]);
  for (let length = 0; length < maxChainLength; length++) {
    const before = new Map(untilMs);
    for (const { issuer, subject, notAfterMs } of grants) {
      const until = Math.min(before.get(issuer.deviceId) ?? 0, notAfterMs);
      if (until > (untilMs.get(subject.deviceId) ?? 0)) untilMs.set(subject.deviceId, until);
    }
  }
  return untilMs;
}
