import { channelBindingBytes, maxIdLength } from "../limits/limits.ts";
import {
  type DeviceKeyPrimitives,
  type DeviceSigner,
  joinBytes,
  verifyDeviceSignature,
} from "./device-key.ts";

const label = new TextEncoder().encode("leapmux-claim-v1");

/**
 * What a device signs to say who opens this channel (protocol §7). The binding is of fixed length and the
 * user id stands last, so no two claims have the same bytes; a claim is good in one channel only.
 */
function encodeClaim(binding: Uint8Array, userId: string): Uint8Array {
  return joinBytes(label, binding, new TextEncoder().encode(userId));
}

export async function signClaim(
  signer: DeviceSigner,
  binding: Uint8Array,
  userId: string,
): Promise<Uint8Array> {
  if (!isSignable(binding, userId)) throw new RangeError("nothing that a claim is signed over");
  return signer.sign(encodeClaim(binding, userId));
}

export function verifyClaimSignature(
  primitives: DeviceKeyPrimitives,
  claim: {
    readonly devicePublicKey: Uint8Array;
    readonly signature: Uint8Array;
    readonly binding: Uint8Array;
    readonly userId: string;
  },
): boolean {
  const { devicePublicKey, signature, binding, userId } = claim;
  if (!isSignable(binding, userId)) return false;
  return verifyDeviceSignature(
    primitives,
    devicePublicKey,
    encodeClaim(binding, userId),
    signature,
  );
}

function isSignable(binding: Uint8Array, userId: string): boolean {
  return binding.length === channelBindingBytes && isUserId(userId);
}

/** ASCII without spaces and control characters: nothing that two sides could encode differently. */
export function isUserId(text: string): boolean {
  return text.length <= maxIdLength && /^[\x21-\x7e]+$/.test(text);
}
