/**
 * Protocol §7 written down once more, slowly: protobuf by hand, HMAC from its definition, labels as text. Shares
 * nothing with `shared/` but the hash and the two signature schemes.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { blake2b } from "@noble/hashes/blake2.js";
import { ml_dsa65 } from "@noble/post-quantum/ml-dsa.js";
import type { DeviceKeys, DeviceVector } from "../device-vector.ts";

export interface DeviceInputs {
  readonly label: string;
  readonly issuer: Pick<DeviceKeys, "ed25519Private" | "mlDsaSeed">;
  readonly subject: Pick<DeviceKeys, "ed25519Private" | "mlDsaSeed">;
  readonly userId: string;
  readonly binding: Uint8Array;
  readonly grant: Omit<DeviceVector["grant"], "signed">;
  readonly revocation: Omit<DeviceVector["revocation"], "signed">;
  readonly pairing: Omit<DeviceVector["pairing"], "key" | "workerMac" | "deviceMac">;
}

export function computeDevices(inputs: DeviceInputs): DeviceVector {
  const { userId, binding, grant, revocation, pairing } = inputs;
  const issuer = computeKeys(inputs.issuer);
  const subject = computeKeys(inputs.subject);

  const grantBody = concat(
    bytesField(1, subject.publicKey),
    bytesField(2, issuer.publicKey),
    bytesField(3, text(userId)),
    bytesField(4, encodeScope(grant)),
    numberField(5, grant.notBeforeMs),
    numberField(6, grant.notAfterMs),
    bytesField(7, grant.serial),
  );
  const revocationBody = concat(
    bytesField(1, subject.publicKey),
    bytesField(2, issuer.publicKey),
    bytesField(3, text(userId)),
    numberField(4, revocation.revokedAtMs),
  );
  const mac = (...parts: Uint8Array[]): Uint8Array => hmac(pairing.secret, concat(...parts));
  const zero = Uint8Array.of(0);
  return {
    label: inputs.label,
    issuer,
    subject,
    userId,
    binding,
    claimSignature: sign(subject, concat(text("leapmux-claim-v1"), binding, text(userId))),
    grant: { ...grant, signed: encodeSigned(issuer, "leapmux-grant-v1", grantBody) },
    revocation: {
      ...revocation,
      signed: encodeSigned(issuer, "leapmux-revocation-v1", revocationBody),
    },
    pairing: {
      ...pairing,
      key: `${pairing.registrationKey}.${Buffer.from(pairing.secret).toString("base64url")}`,
      workerMac: mac(
        ...[text("leapmux-pair-v1 worker"), zero, text(pairing.workerId), zero],
        pairing.compositeKey,
      ),
      deviceMac: mac(
        ...[text("leapmux-pair-v1 device"), zero, text(userId), zero],
        ...[issuer.publicKey, pairing.compositeKey],
      ),
    },
  };
}

function computeKeys(secrets: Pick<DeviceKeys, "ed25519Private" | "mlDsaSeed">): DeviceKeys {
  const { ed25519Private, mlDsaSeed } = secrets;
  const publicKey = concat(
    ed25519.getPublicKey(ed25519Private),
    ml_dsa65.keygen(mlDsaSeed).publicKey,
  );
  const digest = blake2b(publicKey, { dkLen: 32 }).subarray(0, 16);
  const deviceId = `dev_${Buffer.from(digest).toString("base64url")}`;
  return { ed25519Private, mlDsaSeed, publicKey, deviceId };
}

function sign({ ed25519Private, mlDsaSeed }: DeviceKeys, message: Uint8Array): Uint8Array {
  const { secretKey } = ml_dsa65.keygen(mlDsaSeed);
  return concat(
    ed25519.sign(message, ed25519Private),
    ml_dsa65.sign(message, secretKey, { extraEntropy: false }),
  );
}

function encodeSigned(issuer: DeviceKeys, label: string, body: Uint8Array): Uint8Array {
  return concat(bytesField(1, body), bytesField(2, sign(issuer, concat(text(label), body))));
}

/** A oneof: 1 is everything, 2 is workspaces in a role (1 view, 2 drive). */
function encodeScope({ scope, workspaceIds }: DeviceInputs["grant"]): Uint8Array {
  if (scope === "full") return Uint8Array.of(0x0a, 0);
  const ids = workspaceIds.map((id) => bytesField(1, text(id)));
  const workspaces = concat(...ids, numberField(2, scope === "view" ? 1n : 2n));
  return bytesField(2, workspaces);
}

/** Wire type 2. */
function bytesField(number: number, bytes: Uint8Array): Uint8Array {
  return concat(varint(BigInt(number * 8 + 2)), varint(BigInt(bytes.length)), bytes);
}

/** Wire type 0; nothing for zero. */
function numberField(number: number, value: bigint): Uint8Array {
  return value === 0n ? new Uint8Array(0) : concat(varint(BigInt(number * 8)), varint(value));
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    const more = rest > 127n ? 128n : 0n;
    bytes.push(Number((rest % 128n) + more));
    rest /= 128n;
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

/** RFC 2104; the block of BLAKE2b is 128 bytes, and P has 32. */
function hmac(key: Uint8Array, data: Uint8Array): Uint8Array {
  const padded = concat(key, new Uint8Array(128 - key.length));
  const inner = blake2b(
    concat(
      padded.map((byte) => byte ^ 0x36),
      data,
    ),
    { dkLen: 64 },
  );
  return blake2b(
    concat(
      padded.map((byte) => byte ^ 0x5c),
      inner,
    ),
    { dkLen: 64 },
  );
}

function text(value: string): Uint8Array {
  return new Uint8Array(Buffer.from(value, "utf8"));
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
