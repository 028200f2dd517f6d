import { decodeGrant, verifyGrantSignature } from "@leapmux/shared/devices/grant.ts";
import { decodeRevocation, verifyRevocationSignature } from "@leapmux/shared/devices/revocation.ts";
import { deviceIdOf } from "@leapmux/shared/identity/device-id.ts";
import type { DeviceKeyPrimitives } from "@leapmux/shared/identity/device-key.ts";
import type {
  DeviceName,
  GrantFact,
  RevocationFact,
  Statements,
  TrustFacts,
} from "./device-operations.ts";

/** Of each kind; a hub that hands out more is not believed further. */
const mostStatements = 256;

type Fact = { readonly grant: GrantFact } | { readonly revocation: RevocationFact } | null;

/**
 * Checks what the hub keeps about the account's devices: what is malformed, forged or of another user
 * is left out. A signature costs milliseconds, so each is checked once, with a pause for frames after it.
 */
export function makeStatementReader(parts: {
  readonly primitives: DeviceKeyPrimitives;
  readonly pause: () => Promise<void>;
}): (statements: Statements) => Promise<TrustFacts> {
  const { primitives } = parts;
  const checked = new Map<string, Fact>();

  async function check(
    bytes: Uint8Array,
    userId: string,
    read: (bytes: Uint8Array, userId: string) => Fact,
  ): Promise<Fact> {
    const name = `${userId} ${nameOf(bytes)}`;
    const known = checked.get(name);
    if (known !== undefined) return known;
    const fact = read(bytes, userId);
    if (checked.size >= 2 * mostStatements) checked.clear();
    checked.set(name, fact);
    await parts.pause();
    return fact;
  }

  function readGrant(bytes: Uint8Array, userId: string): Fact {
    const grant = decodeGrant(bytes);
    if (!grant || grant.userId !== userId || !verifyGrantSignature(primitives, grant)) return null;
    const { notBeforeMs, notAfterMs, scope } = grant;
    const isFull = scope.kind === "full";
    const names = { issuer: named(grant.issuer), subject: named(grant.subject) };
    return { grant: { ...names, isFull, notBeforeMs, notAfterMs } };
  }

  function readRevocation(bytes: Uint8Array, userId: string): Fact {
    const revocation = decodeRevocation(bytes);
    if (!revocation || revocation.userId !== userId) return null;
    if (!verifyRevocationSignature(primitives, revocation)) return null;
    const names = { issuer: named(revocation.issuer), subject: named(revocation.device) };
    return { revocation: { ...names, revokedAtMs: revocation.revokedAtMs } };
  }

  return async ({ userId, grants, revocations }) => {
    const foundGrants: GrantFact[] = [];
    const foundRevocations: RevocationFact[] = [];
    for (const bytes of grants.slice(0, mostStatements)) {
      const fact = await check(bytes, userId, readGrant);
      if (fact && "grant" in fact) foundGrants.push(fact.grant);
    }
    for (const bytes of revocations.slice(0, mostStatements)) {
      const fact = await check(bytes, userId, readRevocation);
      if (fact && "revocation" in fact) foundRevocations.push(fact.revocation);
    }
    return { grants: foundGrants, revocations: foundRevocations };
  };
}

function named(publicKey: Uint8Array): DeviceName {
  return { deviceId: deviceIdOf(publicKey), publicKey };
}

function nameOf(bytes: Uint8Array): string {
  let name = "";
  for (let at = 0; at < bytes.length; at += 4096) {
    name += String.fromCharCode(...bytes.subarray(at, at + 4096));
  }
  return name;
}
