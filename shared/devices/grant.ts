import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type GrantBody,
  GrantBodySchema,
  GrantRole,
  type GrantScopeSchema,
} from "@leapmux/proto/sealed/v1/device_pb.ts";
import {
  type DeviceKeyPrimitives,
  type DeviceSigner,
  joinBytes,
  verifyDeviceSignature,
} from "../identity/device-key.ts";
import { isUserId } from "../identity/sign-claim.ts";
import {
  devicePublicKeyBytes,
  grantLifetimeMs,
  grantSerialBytes,
  maxWorkspacesPerGrant,
} from "../limits/limits.ts";
import type { Random } from "../platform/platform.ts";
import { type DeviceScope, makeWorkspaceScope } from "./scope.ts";
import { decodeSigned, encodeSigned } from "./signed-envelope.ts";

const label = new TextEncoder().encode("leapmux-grant-v1");

/** One device's word that another may call (protocol §7), as it was decoded; its signature is not checked yet. */
export interface Grant {
  /** The issuer's and the subject's public keys, 1984 bytes each. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** Whose device the subject is. */
  readonly userId: string;
  /** `full`: everything that the issuer may. */
  readonly scope: DeviceScope;
  /** Milliseconds since 1970-01-01 UTC; good from the first, no longer at the last. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** 16 bytes. */
  readonly serial: Uint8Array;
  /** The bytes that were signed. */
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
}

export type GrantTerms = Pick<Grant, "subject" | "userId" | "scope" | "notBeforeMs" | "notAfterMs">;

/**
 * What a trusted device signs for another one of its user: everything, for 90 days. It starts an hour early,
 * for workers whose clock is behind.
 */
export function makeOwnDeviceTerms(subject: Uint8Array, userId: string, nowMs: number): GrantTerms {
  return {
    subject,
    userId,
    scope: { kind: "full" },
    notBeforeMs: nowMs - 60 * 60_000,
    notAfterMs: nowMs + grantLifetimeMs,
  };
}

/** A serialised SignedGrant. Throws RangeError for terms that nobody would accept. */
export async function signGrant(
  signer: DeviceSigner,
  random: Random,
  terms: GrantTerms,
): Promise<Uint8Array> {
  const { subject, userId, scope } = terms;
  const body = toBinary(
    GrantBodySchema,
    create(GrantBodySchema, {
      subjectPublicKey: subject.slice(),
      issuerPublicKey: signer.publicKey.slice(),
      userId,
      scope: encodeScope(scope),
      notBeforeMs: BigInt(terms.notBeforeMs),
      notAfterMs: BigInt(terms.notAfterMs),
      serial: random(grantSerialBytes).slice(),
    }),
  );
  const signature = await signer.sign(joinBytes(label, body));
  const signed = encodeSigned(body, signature);
  if (!decodeGrant(signed)) throw new RangeError("not a grant");
  return signed;
}

/** `null` for anything malformed. Reads sizes before contents; checks no signature. */
export function decodeGrant(signedGrant: Uint8Array): Grant | null {
  const envelope = decodeSigned(signedGrant);
  if (!envelope) return null;
  const { body, signature } = envelope;
  try {
    return readBody(fromBinary(GrantBodySchema, body), body, signature);
  } catch {
    return null;
  }
}

export function verifyGrantSignature(primitives: DeviceKeyPrimitives, grant: Grant): boolean {
  const { issuer, body, signature } = grant;
  return verifyDeviceSignature(primitives, issuer, joinBytes(label, body), signature);
}

function readBody(message: GrantBody, body: Uint8Array, signature: Uint8Array): Grant | null {
  // What this version does not know might narrow the grant: refuse rather than grant too much.
  if (hasUnknownFields(message) || hasUnknownFields(message.scope)) return null;
  const { subjectPublicKey, issuerPublicKey, userId, serial } = message;
  if (subjectPublicKey.length !== devicePublicKeyBytes) return null;
  if (issuerPublicKey.length !== devicePublicKeyBytes) return null;
  if (serial.length !== grantSerialBytes || !isUserId(userId)) return null;
  const scope = readScope(message);
  const notBeforeMs = readTime(message.notBeforeMs);
  const notAfterMs = readTime(message.notAfterMs);
  if (!scope || notBeforeMs === null || notAfterMs === null) return null;
  if (notBeforeMs >= notAfterMs) return null;
  return {
    issuer: issuerPublicKey,
    subject: subjectPublicKey,
    userId,
    scope,
    notBeforeMs,
    notAfterMs,
    serial,
    body,
    signature,
  };
}

function readScope({ scope }: GrantBody): DeviceScope | null {
  switch (scope?.scope.case) {
    case "full":
      return hasUnknownFields(scope.scope.value) ? null : { kind: "full" };
    case "workspaces": {
      const { value } = scope.scope;
      if (hasUnknownFields(value) || value.workspaceIds.length > maxWorkspacesPerGrant) return null;
      if (value.role === GrantRole.VIEW) return makeWorkspaceScope(value.workspaceIds, "view");
      if (value.role === GrantRole.DRIVE) return makeWorkspaceScope(value.workspaceIds, "drive");
      return null;
    }
    default:
      return null;
  }
}

function encodeScope(scope: DeviceScope): MessageInitShape<typeof GrantScopeSchema> {
  if (scope.kind === "full") return { scope: { case: "full", value: {} } };
  const role = scope.role === "view" ? GrantRole.VIEW : GrantRole.DRIVE;
  return {
    scope: { case: "workspaces", value: { workspaceIds: [...scope.workspaceIds], role } },
  };
}

/** `null` outside of what a number holds exactly. */
export function readTime(ms: bigint): number | null {
  return ms >= 0n && ms <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(ms) : null;
}

export function hasUnknownFields(
  message: { readonly $unknown?: readonly unknown[] | undefined } | undefined,
): boolean {
  return (message?.$unknown?.length ?? 0) > 0;
}
