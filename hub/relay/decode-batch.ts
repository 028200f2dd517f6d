import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { FrameSchema, type Frame } from "@leapmux/proto/hub/v1/frame_pb.ts";
import { maxCiphertextBytes, maxIdLength } from "@leapmux/shared/limits/limits.ts";
import type { RelayedFrame } from "./relayed-frame.ts";

/**
 * An encoded FrameBatch (proto/leapmux/hub/v1/frame.proto) cut into frames without copying. Each known
 * field may stand once and nothing else may: then the bytes have one meaning only and can be passed on as
 * they are. Whatever else protobuf allows goes the long way, through its library, and leaves in plain form.
 */
export type DecodedBatch =
  | { readonly ok: true; readonly frames: readonly RelayedFrame[] }
  | { readonly ok: false; readonly reason: "protocol_violation" | "message_too_large" };

const violation: DecodedBatch = { ok: false, reason: "protocol_violation" };
const tooLarge: DecodedBatch = { ok: false, reason: "message_too_large" };

const frameTag = 0x0a;
const channelIdTag = 0x0a;
const correlationIdTag = 0x10;
const flagsTag = 0x18;
const ciphertextTag = 0x22;

/** At most `maxIdLength` characters (protocol §3), of the alphabet that ids are written in. */
const channelIdForm = /^[\w-]{1,64}$/;

/** Fields beside the ciphertext and their lengths; generous. */
const maxEnvelopeBytes = 256;

export function decodeBatch(bytes: Uint8Array): DecodedBatch {
  const batch = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const frames: RelayedFrame[] = [];
  const cursor = new Cursor(batch, 0, batch.length);
  while (cursor.at < batch.length) {
    const start = cursor.at;
    if (batch[cursor.at++] !== frameTag) return violation;
    const length = cursor.readLength();
    if (length < 0 || length > batch.length - cursor.at) return violation;
    if (length > maxCiphertextBytes + maxEnvelopeBytes) return tooLarge;
    const end = cursor.at + length;
    const frame =
      decodeFrame(batch, start, cursor.at, end) ??
      decodeUnusualFrame(batch.subarray(cursor.at, end));
    if (frame === null || !channelIdForm.test(frame.channelId)) return violation;
    frames.push(frame);
    cursor.at = end;
  }
  return { ok: true, frames };
}

/** Null for what is not in plain form. */
function decodeFrame(batch: Buffer, start: number, from: number, end: number): RelayedFrame | null {
  const cursor = new Cursor(batch, from, end);
  let channelId = "";
  let correlationId: bigint | null = null;
  let flags = -1;
  let ciphertext: Uint8Array | null = null;
  while (cursor.at < end) {
    const tag = batch[cursor.at++];
    if (tag === channelIdTag && channelId === "") {
      const length = cursor.readLength();
      if (length <= 0 || length > maxIdLength || length > end - cursor.at) return null;
      channelId = batch.toString("latin1", cursor.at, cursor.at + length);
      cursor.at += length;
    } else if (tag === correlationIdTag && correlationId === null) {
      correlationId = cursor.readUint64();
      if (correlationId === null) return null;
    } else if (tag === flagsTag && flags === -1) {
      flags = cursor.readLength();
      if (flags < 0) return null;
    } else if (tag === ciphertextTag && ciphertext === null) {
      const length = cursor.readLength();
      if (length < 0 || length > end - cursor.at) return null;
      ciphertext = batch.subarray(cursor.at, cursor.at + length);
      cursor.at += length;
    } else {
      return null;
    }
  }
  return {
    channelId,
    correlationId: correlationId ?? 0n,
    flags: Math.max(flags, 0),
    ciphertext: ciphertext ?? empty,
    encoded: batch.subarray(start, end),
  };
}

function decodeUnusualFrame(bytes: Uint8Array): RelayedFrame | null {
  let frame: Frame;
  try {
    frame = fromBinary(FrameSchema, bytes, { readUnknownFields: false });
  } catch {
    return null;
  }
  return encodeRelayedFrame(frame);
}

const empty = new Uint8Array(0);

/** A frame of the hub's own making, or one that arrived in an unusual form. */
export function encodeRelayedFrame(
  frame: Pick<Frame, "channelId" | "correlationId" | "flags" | "ciphertext">,
): RelayedFrame {
  const { channelId, correlationId, flags, ciphertext } = frame;
  const body = toBinary(FrameSchema, {
    $typeName: "leapmux.hub.v1.Frame",
    channelId,
    correlationId,
    flags,
    ciphertext,
  });
  const encoded = new Uint8Array(1 + varintBytes(body.length) + body.length);
  encoded[0] = frameTag;
  encoded.set(body, writeVarint(encoded, 1, body.length));
  return { channelId, correlationId, flags, ciphertext, encoded };
}

export function varintBytes(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length += 1;
  return length;
}

/** Below 2^31. Gives the index behind it. */
export function writeVarint(target: Uint8Array, from: number, value: number): number {
  let at = from;
  let rest = value;
  while (rest >= 128) {
    target[at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  target[at++] = rest;
  return at;
}

class Cursor {
  readonly bytes: Buffer;
  readonly end: number;
  at: number;

  constructor(bytes: Buffer, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** A varint below 2^28 in its shortest form, or -1. */
  readLength(): number {
    let value = 0;
    for (let shift = 0; shift < 28 && this.at < this.end; shift += 7) {
      const byte = this.bytes[this.at++] ?? 0;
      value |= (byte & 127) << shift;
      if (byte < 128) return shift > 0 && byte === 0 ? -1 : value;
    }
    return -1;
  }

  /** Null where it is cut off, longer than 64 bits or not in its shortest form. */
  readUint64(): bigint | null {
    let low = 0;
    let factor = 1;
    // Seven groups fit a double exactly; longer ones are rare enough for bigints all the way.
    for (let index = 0; index < 7 && this.at < this.end; index += 1) {
      const byte = this.bytes[this.at++] ?? 0;
      low += (byte & 127) * factor;
      if (byte < 128) return index > 0 && byte === 0 ? null : BigInt(low);
      factor *= 128;
    }
    let value = BigInt(low);
    for (let shift = 49n; shift < 70n && this.at < this.end; shift += 7n) {
      const byte = this.bytes[this.at++] ?? 0;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return byte === 0 || value >> 64n !== 0n ? null : value;
    }
    return null;
  }
}
