import { fromBinary } from "@bufbuild/protobuf";
import { type ClientLinkDown, ClientLinkDownSchema } from "@leapmux/proto/hub/v1/client_link_pb.ts";
import { maxCiphertextBytes, maxIdLength } from "../limits/limits.ts";

/** What the hub says on the link, made of hostile bytes: `null` for anything that it may not say. */
export type LinkDown = ClientLinkDown["body"];

/** One WebSocket message, bytes. The hub batches well below. */
const maxLinkMessageBytes = 4 * 1024 * 1024;
const maxFramesPerBatch = 16_384;
const maxChangedWorkspaces = 4096;

export function decodeLinkDown(data: unknown): LinkDown | null {
  if (!(data instanceof ArrayBuffer) || data.byteLength > maxLinkMessageBytes) return null;
  let body: LinkDown;
  try {
    body = fromBinary(ClientLinkDownSchema, new Uint8Array(data)).body;
  } catch {
    return null;
  }
  switch (body.case) {
    case "frames": {
      const { frames } = body.value;
      if (frames.length > maxFramesPerBatch) return null;
      for (const frame of frames) {
        if (frame.channelId.length > maxIdLength) return null;
        if (frame.ciphertext.length > maxCiphertextBytes) return null;
      }
      return body;
    }
    case "hello":
      return body.value.linkId.length > 0 && body.value.linkId.length <= maxIdLength ? body : null;
    case "changed": {
      const { workspaceIds } = body.value;
      if (workspaceIds.length > maxChangedWorkspaces) return null;
      return workspaceIds.every((id) => id.length <= maxIdLength) ? body : null;
    }
    default:
      // What a newer hub adds is skipped by the caller.
      return body;
  }
}
