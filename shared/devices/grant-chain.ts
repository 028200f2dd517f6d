import type { DeviceKeyPrimitives } from "../identity/device-key.ts";
import { deviceIdOf } from "../identity/device-id.ts";
import { devicePublicKeyBytes, maxChainLength, maxGrantSignatureChecks } from "../limits/limits.ts";
import { type Grant, verifyGrantSignature } from "./grant.ts";
import { type DeviceScope, intersectScopes } from "./scope.ts";

/** A device that needs nobody's grant: trusted by pairing or on the worker's console. */
export interface TrustedRoot {
  readonly publicKey: Uint8Array;
  readonly userId: string;
}

export interface ChainQuery {
  readonly primitives: DeviceKeyPrimitives;
  readonly roots: readonly TrustedRoot[];
  readonly isRevoked: (deviceId: string) => boolean;
  /** Of decodeGrant; the caller bounds how many. */
  readonly grants: readonly Grant[];
  /** Whose chain is looked for, and as whose device. */
  readonly devicePublicKey: Uint8Array;
  readonly userId: string;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly nowMs: number;
}

export interface FoundChain {
  readonly ok: true;
  /** From the root's own grant on; empty for a root. */
  readonly grants: readonly Grant[];
  /** Whose terminals the scope speaks of. */
  readonly ownerId: string;
  readonly scope: DeviceScope;
  /** Every link is good until then; `null` for a root. */
  readonly notAfterMs: number | null;
}

export type ChainResult =
  | FoundChain
  | { readonly ok: false; readonly why: "unknown" | "revoked" | "expired" | "forged" };

/** A way from a root: where it stands and what is left of the root's rights there. */
interface Way {
  readonly deviceId: string;
  readonly userId: string;
  readonly ownerId: string;
  readonly scope: DeviceScope;
  readonly grants: readonly Grant[];
  readonly notAfterMs: number | null;
}

/**
 * Searches the shortest valid chain of at most four grants from a root to a device (protocol §7). Everything
 * that costs nothing comes first; then the signatures of the way that was found, each grant's once and only so
 * many. A grant that turns out to be forged is left out and the search starts anew.
 */
export function findGrantChain(query: ChainQuery): ChainResult {
  const { primitives, devicePublicKey, isRevoked } = query;
  if (devicePublicKey.length !== devicePublicKeyBytes) return { ok: false, why: "unknown" };
  const subjectId = deviceIdOf(devicePublicKey);
  if (isRevoked(subjectId)) return { ok: false, why: "revoked" };

  const links = query.grants.map((grant) => ({
    grant,
    issuerId: deviceIdOf(grant.issuer),
    subjectId: deviceIdOf(grant.subject),
  }));
  const verified = new Set<Grant>();
  const forged = new Set<Grant>();
  for (;;) {
    const way = searchWay(query, subjectId, links, forged);
    if (!way) {
      if (forged.size > 0) return { ok: false, why: "forged" };
      return { ok: false, why: explain(query, subjectId, links) };
    }
    const bad = way.grants.find((grant) => {
      if (verified.has(grant)) return false;
      if (verified.size + forged.size >= maxGrantSignatureChecks) return true;
      if (!verifyGrantSignature(primitives, grant)) return true;
      verified.add(grant);
      return false;
    });
    if (!bad) {
      const { grants, ownerId, scope, notAfterMs } = way;
      return { ok: true, grants, ownerId, scope, notAfterMs };
    }
    if (verified.size + forged.size >= maxGrantSignatureChecks) return { ok: false, why: "forged" };
    forged.add(bad);
  }
}

interface Link {
  readonly grant: Grant;
  readonly issuerId: string;
  readonly subjectId: string;
}

/** Breadth first. `null`: there is none, with the grants that are left. */
function searchWay(
  query: ChainQuery,
  subjectId: string,
  links: readonly Link[],
  forged: ReadonlySet<Grant>,
): Way | null {
  let ways: Way[] = [];
  for (const root of query.roots) {
    const deviceId = deviceIdOf(root.publicKey);
    if (query.isRevoked(deviceId)) continue;
    const { userId } = root;
    const scope = { kind: "full" } as const;
    ways.push({ deviceId, userId, ownerId: userId, scope, grants: [], notAfterMs: null });
  }
  const goal = (way: Way) => way.deviceId === subjectId && way.userId === query.userId;
  const usable = links.filter(
    ({ grant, subjectId: id }) =>
      !forged.has(grant) && isGoodAt(grant, query.nowMs) && !query.isRevoked(id),
  );
  for (let length = 0; ; length++) {
    const found = pickWidest(ways.filter(goal));
    if (found || length === maxChainLength) return found;
    ways = keepBest(ways.flatMap((way) => usable.flatMap((link) => extend(way, link) ?? [])));
  }
}

/** One link further; `null` where that link does not follow or goes in a circle. */
function extend(way: Way, { grant, issuerId, subjectId }: Link): Way | null {
  if (issuerId !== way.deviceId || issuerId === subjectId) return null;
  // A device hands on to devices of its own user; to another user only the owner does, and never everything.
  if (grant.userId !== way.userId) {
    if (way.scope.kind !== "full" || grant.scope.kind === "full") return null;
  }
  return {
    deviceId: subjectId,
    userId: grant.userId,
    ownerId: way.ownerId,
    scope: intersectScopes(way.scope, grant.scope),
    grants: [...way.grants, grant],
    notAfterMs: Math.min(way.notAfterMs ?? Infinity, grant.notAfterMs),
  };
}

/**
 * Of the ways that end at the same device as the same user's, few go on: without this, grants in a mesh would
 * make more ways than anybody can count.
 */
function keepBest(ways: readonly Way[]): Way[] {
  const groups = Map.groupBy(ways, (way) => `${way.deviceId} ${way.userId} ${way.ownerId}`);
  return [...groups.values()].flatMap((group) => {
    const byScope = Map.groupBy(group, (way) => describeScope(way.scope));
    return [...byScope.values()].flatMap((same) => pickWidest(same) ?? []).slice(0, 4);
  });
}

function describeScope(scope: DeviceScope): string {
  if (scope.kind === "full") return "full";
  return `${scope.role} ${[...scope.workspaceIds].toSorted().join(" ")}`;
}

/** Full before workspaces, more of them before fewer, then what lasts longest. */
function pickWidest(ways: readonly Way[]): Way | null {
  const width = ({ scope }: Way) =>
    scope.kind === "full" ? Infinity : scope.workspaceIds.size + (scope.role === "drive" ? 0.5 : 0);
  let best: Way | null = null;
  for (const way of ways) {
    const isBetter =
      best === null ||
      width(way) > width(best) ||
      (width(way) === width(best) && (way.notAfterMs ?? Infinity) > (best.notAfterMs ?? Infinity));
    if (isBetter) best = way;
  }
  return best;
}

function isGoodAt(grant: Grant, nowMs: number): boolean {
  return grant.notBeforeMs <= nowMs && nowMs < grant.notAfterMs;
}

/** Why there was no way, for people: only what was shown is judged, nothing of it is proved. */
function explain(
  query: ChainQuery,
  subjectId: string,
  links: readonly Link[],
): "unknown" | "revoked" | "expired" {
  const own = links.filter((link) => link.subjectId === subjectId);
  if (own.some((link) => query.isRevoked(link.issuerId))) return "revoked";
  const isLate = own.length > 0 && own.every(({ grant }) => !isGoodAt(grant, query.nowMs));
  return isLate ? "expired" : "unknown";
}
