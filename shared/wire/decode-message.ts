import { fromBinary } from "@bufbuild/protobuf";
import { MessageSchema } from "@leapmux/proto/sealed/v1/message_pb.ts";
import { maxEnvelopeBytes } from "../limits/limits.ts";
import { dataTag, type MessageBody } from "./encode-message.ts";
import { measureEnvelope } from "./measure-envelope.ts";

export type DecodeResult =
  | { readonly ok: true; readonly body: MessageBody }
  | { readonly ok: false; readonly reason: "protocol_violation" };

const refused: DecodeResult = { ok: false, reason: "protocol_violation" };

/**
 * Bytes that opened become a message. Unknown fields are ignored; what is malformed or says nothing that
 * this version knows is refused, and so is what would decode to many times its size. Byte fields are views
 * of `bytes`, not copies.
 */
export function decodeMessage(bytes: Uint8Array): DecodeResult {
  const data = decodeData(bytes);
  if (data) return { ok: true, body: { case: "data", value: data } };
  if (bytes.length > maxEnvelopeBytes && measureEnvelope(bytes) > maxEnvelopeBytes) return refused;
  try {
    const { body } = fromBinary(MessageSchema, bytes, { readUnknownFields: false });
    return body.case === undefined ? refused : { ok: true, body };
  } catch {
    return refused;
  }
}

/** The short way for a message that is nothing but `data`; `null` for everything else. */
function decodeData(bytes: Uint8Array): Uint8Array<ArrayBuffer> | null {
  if (bytes[0] !== dataTag[0] || bytes[1] !== dataTag[1]) return null;
  let length = 0;
  let start = dataTag.length;
  for (let shift = 0; shift <= 28; shift += 7) {
    const byte = bytes[start++];
    if (byte === undefined) return null;
    // Multiplied, not shifted: 32 bits must not turn negative.
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) {
      return start + length === bytes.length
        ? (bytes.subarray(start) as Uint8Array<ArrayBuffer>)
        : null;
    }
  }
  return null;
}
