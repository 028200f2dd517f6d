import { type Fields, readFields, VectorError } from "./vector-fields.ts";

/** One case of `devices-v1.json`: two devices, what they sign, and how the first was paired (protocol §7). */
export interface DeviceVector {
  readonly label: string;
  readonly issuer: DeviceKeys;
  readonly subject: DeviceKeys;
  readonly userId: string;
  readonly binding: Uint8Array;
  /** Of the subject, over the binding and the user id. */
  readonly claimSignature: Uint8Array;
  readonly grant: {
    readonly scope: "full" | "view" | "drive";
    readonly workspaceIds: readonly string[];
    readonly notBeforeMs: bigint;
    readonly notAfterMs: bigint;
    readonly serial: Uint8Array;
    readonly signed: Uint8Array;
  };
  readonly revocation: { readonly revokedAtMs: bigint; readonly signed: Uint8Array };
  readonly pairing: {
    readonly secret: Uint8Array;
    readonly registrationKey: string;
    /** Both, as they stand in the command. */
    readonly key: string;
    readonly workerId: string;
    readonly compositeKey: Uint8Array;
    readonly workerMac: Uint8Array;
    /** Of the issuer. */
    readonly deviceMac: Uint8Array;
  };
}

export interface DeviceKeys {
  readonly ed25519Private: Uint8Array;
  readonly mlDsaSeed: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly deviceId: string;
}

const deviceKeys = ["ed25519_private", "mldsa_seed", "public_key", "device_id"];
const mostMs = 2n ** 53n - 1n;

export function readDeviceVector(value: unknown): DeviceVector {
  const fields = readFields(value, "", [
    ...["label", "issuer", "subject", "user_id", "claim", "grant", "revocation", "pairing"],
  ]);
  const claim = fields.object("claim", ["binding", "signature"]);
  const grant = fields.object("grant", [
    ...["scope", "workspace_ids", "not_before_ms", "not_after_ms", "serial", "signed"],
  ]);
  const revocation = fields.object("revocation", ["revoked_at_ms", "signed"]);
  const pairing = fields.object("pairing", [
    ...["secret", "registration_key", "key", "worker_id", "composite_key"],
    ...["worker_mac", "device_mac"],
  ]);
  return {
    label: fields.text("label"),
    issuer: readKeys(fields.object("issuer", deviceKeys)),
    subject: readKeys(fields.object("subject", deviceKeys)),
    userId: fields.text("user_id"),
    binding: claim.bytes("binding", 64),
    claimSignature: claim.bytes("signature", 3373),
    grant: {
      scope: grant.oneOf("scope", ["full", "view", "drive"]),
      workspaceIds: grant.list("workspace_ids").map((id) => {
        if (typeof id !== "string") throw new VectorError("grant.workspace_ids: must be strings");
        return id;
      }),
      notBeforeMs: grant.integer("not_before_ms", mostMs),
      notAfterMs: grant.integer("not_after_ms", mostMs),
      serial: grant.bytes("serial", 16),
      signed: grant.bytes("signed"),
    },
    revocation: {
      revokedAtMs: revocation.integer("revoked_at_ms", mostMs),
      signed: revocation.bytes("signed"),
    },
    pairing: {
      secret: pairing.bytes("secret", 32),
      registrationKey: pairing.text("registration_key"),
      key: pairing.text("key"),
      workerId: pairing.text("worker_id"),
      compositeKey: pairing.bytes("composite_key", 1664),
      workerMac: pairing.bytes("worker_mac", 64),
      deviceMac: pairing.bytes("device_mac", 64),
    },
  };
}

function readKeys(fields: Fields): DeviceKeys {
  return {
    ed25519Private: fields.bytes("ed25519_private", 32),
    mlDsaSeed: fields.bytes("mldsa_seed", 32),
    publicKey: fields.bytes("public_key", 1984),
    deviceId: fields.text("device_id"),
  };
}

/** As it stands in a file. */
export function writeDeviceVector(vector: DeviceVector): Record<string, unknown> {
  const { issuer, subject, grant, revocation, pairing } = vector;
  return {
    label: vector.label,
    issuer: writeKeys(issuer),
    subject: writeKeys(subject),
    user_id: vector.userId,
    claim: { binding: hex(vector.binding), signature: hex(vector.claimSignature) },
    grant: {
      scope: grant.scope,
      workspace_ids: grant.workspaceIds,
      not_before_ms: Number(grant.notBeforeMs),
      not_after_ms: Number(grant.notAfterMs),
      serial: hex(grant.serial),
      signed: hex(grant.signed),
    },
    revocation: {
      revoked_at_ms: Number(revocation.revokedAtMs),
      signed: hex(revocation.signed),
    },
    pairing: {
      secret: hex(pairing.secret),
      registration_key: pairing.registrationKey,
      key: pairing.key,
      worker_id: pairing.workerId,
      composite_key: hex(pairing.compositeKey),
      worker_mac: hex(pairing.workerMac),
      device_mac: hex(pairing.deviceMac),
    },
  };
}

function writeKeys(keys: DeviceKeys): Record<string, string> {
  return {
    ed25519_private: hex(keys.ed25519Private),
    mldsa_seed: hex(keys.mlDsaSeed),
    public_key: hex(keys.publicKey),
    device_id: keys.deviceId,
  };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
