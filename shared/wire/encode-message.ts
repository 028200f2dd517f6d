import { create, toBinary } from "@bufbuild/protobuf";
import { type Message, MessageSchema } from "@leapmux/proto/sealed/v1/message_pb.ts";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { MessageBytes } from "./message-pipe.ts";

/** What a message says: one case of `leapmux.sealed.v1.Message`. */
export type MessageBody = Exclude<Message["body"], { case: undefined }>;
export type MessageBodyInit = Exclude<
  NonNullable<MessageInitShape<typeof MessageSchema>["body"]>,
  { case?: undefined }
>;

/** Field 17 of `Message`, length-delimited: almost every message, so it has a short way. */
export const dataTag = [0x8a, 0x01] as const;

/** A message becomes bytes; next it is sealed by `shared/endpoint`. */
export function encodeMessage(body: MessageBodyInit): MessageBytes {
  return body.case === "data"
    ? encodeData(body.value)
    : (toBinary(MessageSchema, create(MessageSchema, { body })) as MessageBytes);
}

function encodeData(data: Uint8Array): MessageBytes {
  const { length } = data;
  let lengthBytes = 1;
  for (let rest = length; rest > 0x7f; rest >>>= 7) lengthBytes += 1;
  const message = new Uint8Array(dataTag.length + lengthBytes + length);
  message.set(dataTag);
  let end = dataTag.length;
  let rest = length;
  for (; rest > 0x7f; rest >>>= 7) message[end++] = (rest & 0x7f) | 0x80;
  message[end++] = rest;
  message.set(data, end);
  return message as Uint8Array as MessageBytes;
}
