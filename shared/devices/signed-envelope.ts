import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { SignedGrantSchema } from "@leapmux/proto/sealed/v1/device_pb.ts";
import { deviceSignatureBytes, maxGrantBytes } from "../limits/limits.ts";

/** What was signed, and by whom it says it was: SignedGrant and SignedRevocation have the same shape. */
export interface SignedEnvelope {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
}

export function encodeSigned(body: Uint8Array, signature: Uint8Array): Uint8Array {
  const value = { body: body.slice(), signature: signature.slice() };
  return toBinary(SignedGrantSchema, create(SignedGrantSchema, value));
}

/**
 * `null` for anything but the one encoding of a body and a signature of the right size, so that nothing
 * unsigned travels along and one statement never has two forms.
 */
export function decodeSigned(bytes: Uint8Array): SignedEnvelope | null {
  if (bytes.length > maxGrantBytes) return null;
  try {
    const { body, signature } = fromBinary(SignedGrantSchema, bytes);
    if (signature.length !== deviceSignatureBytes) return null;
    const again = encodeSigned(body, signature);
    const isSame =
      again.length === bytes.length && again.every((byte, index) => byte === bytes[index]);
    return isSame ? { body: body.slice(), signature: signature.slice() } : null;
  } catch {
    return null;
  }
}
