import { create, fromBinary, toBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { ChannelService } from "@leapmux/proto/hub/v1/channel_pb.ts";
import {
  ClientLinkDownSchema,
  ClientLinkUpSchema,
  type ClientLinkDown,
} from "@leapmux/proto/hub/v1/client_link_pb.ts";
import { EncryptionMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import type { Frame } from "@leapmux/proto/hub/v1/frame_pb.ts";
import { randomBytes } from "node:crypto";
import { WebSocket } from "ws";
import type { FrameInit } from "./fake-worker.ts";
import { makeInbox, type Inbox } from "./inbox.ts";
import { connectAs } from "./log-in.ts";

/** The outside of a browser: one WebSocket, control calls over HTTP/1, no cryptography. */
export interface FakeClient {
  readonly socket: WebSocket;
  readonly linkId: string;
  readonly inbox: Inbox<ClientLinkDown>;
  readonly frames: Inbox<Frame>;
  readonly closed: Promise<{ code: number; reason: string }>;
  open(workerId?: string, channelId?: string): Promise<string>;
  /** On a link that may be somebody else's. */
  openOn(linkId: string, workerId?: string, channelId?: string): Promise<string>;
  close(channelId: string): Promise<unknown>;
  send(body: NonNullable<MessageInitShape<typeof ClientLinkUpSchema>["body"]>): void;
  sendFrames(...frames: FrameInit[]): void;
}

export const makeChannelId = (): string => randomBytes(16).toString("base64url");

export async function dialAsClient(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<FakeClient> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/link`, { origin: url, headers });
  const inbox = makeInbox<ClientLinkDown>();
  const frames = makeInbox<Frame>();
  socket.on("message", (data: Buffer) => {
    const message = fromBinary(ClientLinkDownSchema, data);
    if (message.body.case === "frames")
      message.body.value.frames.forEach((frame) => frames.push(frame));
    else inbox.push(message);
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  socket.on("error", () => undefined);
  const hello = await inbox.next();
  if (hello.body.case !== "hello") throw new Error("the first message is not a hello");
  const { linkId } = hello.body.value;
  const calls = createClient(ChannelService, connectAs(url, headers));
  const send: FakeClient["send"] = (body) =>
    socket.send(toBinary(ClientLinkUpSchema, create(ClientLinkUpSchema, { body })));
  const openOn: FakeClient["openOn"] = async (
    onLinkId,
    workerId = "worker-0001",
    channelId = makeChannelId(),
  ) => {
    await calls.openChannel({
      workerId,
      channelId,
      linkId: onLinkId,
      encryptionMode: EncryptionMode.CLASSIC,
      message1: new Uint8Array(48).fill(1),
    });
    return channelId;
  };
  return {
    socket,
    linkId,
    inbox,
    frames,
    closed,
    send,
    open: (workerId, channelId) => openOn(linkId, workerId, channelId),
    openOn,
    close: (channelId) => calls.closeChannel({ channelId }),
    sendFrames: (...batch) => send({ case: "frames", value: { frames: batch } }),
  };
}
