import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { RevocationBodySchema } from "@leapmux/proto/sealed/v1/device_pb.ts";
import {
  type DeviceKeyPrimitives,
  type DeviceSigner,
  joinBytes,
  verifyDeviceSignature,
} from "../identity/device-key.ts";
import { isUserId } from "../identity/sign-claim.ts";
import { devicePublicKeyBytes } from "../limits/limits.ts";
import { hasUnknownFields, readTime } from "./grant.ts";
import { decodeSigned, encodeSigned } from "./signed-envelope.ts";

const label = new TextEncoder().encode("leapmux-revocation-v1");

/** A device's word that another one is no longer to be trusted (protocol §7); workers keep it for ever. */
export interface Revocation {
  /** 1984 bytes each. */
  readonly device: Uint8Array;
  readonly issuer: Uint8Array;
  /** Whose device it is. */
  readonly userId: string;
  readonly revokedAtMs: number;
  /** The bytes that were signed. */
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
}

/** A serialised SignedRevocation. */
export async function signRevocation(
  signer: DeviceSigner,
  terms: Pick<Revocation, "device" | "userId" | "revokedAtMs">,
): Promise<Uint8Array> {
  const body = toBinary(
    RevocationBodySchema,
    create(RevocationBodySchema, {
      devicePublicKey: terms.device.slice(),
      issuerPublicKey: signer.publicKey.slice(),
      userId: terms.userId,
      revokedAtMs: BigInt(terms.revokedAtMs),
    }),
  );
  const signature = await signer.sign(joinBytes(label, body));
  const signed = encodeSigned(body, signature);
  if (!decodeRevocation(signed)) throw new RangeError("not a revocation");
  return signed;
}

/** `null` for anything malformed. Checks no signature, and not whether the issuer may. */
export function decodeRevocation(signedRevocation: Uint8Array): Revocation | null {
  const envelope = decodeSigned(signedRevocation);
  if (!envelope) return null;
  const { body, signature } = envelope;
  try {
    const message = fromBinary(RevocationBodySchema, body);
    const { devicePublicKey: device, issuerPublicKey: issuer, userId } = message;
    const revokedAtMs = readTime(message.revokedAtMs);
    if (device.length !== devicePublicKeyBytes || issuer.length !== devicePublicKeyBytes) {
      return null;
    }
    if (hasUnknownFields(message) || !isUserId(userId) || revokedAtMs === null) return null;
    return { device, issuer, userId, revokedAtMs, body, signature };
  } catch {
    return null;
  }
}

export function verifyRevocationSignature(
  primitives: DeviceKeyPrimitives,
  revocation: Revocation,
): boolean {
  const { issuer, body, signature } = revocation;
  return verifyDeviceSignature(primitives, issuer, joinBytes(label, body), signature);
}
