/**
 * A client's link to the hub: one WebSocket, protobuf both ways. Plain enough that a test can also send
 * what a well-behaved client never would.
 */
import { once } from "node:events";
import type { Agent } from "node:http";
import { create, fromBinary, toBinary, type MessageInitShape } from "@bufbuild/protobuf";
import {
  ClientLinkDownSchema,
  ClientLinkUpSchema,
  type ClientLinkDown,
} from "@leapmux/proto/hub/v1/client_link_pb.ts";
import type { Frame } from "@leapmux/shared/envelope/frame.ts";
import { WebSocket } from "ws";
import { until } from "./until.ts";

export interface ClientLink {
  readonly linkId: string;
  sendFrames(...frames: readonly Frame[]): void;
  send(body: MessageInitShape<typeof ClientLinkUpSchema>["body"]): void;
  sendRaw(bytes: Uint8Array): void;
  /** Frames of one channel; those that came before are delivered first. */
  onFrames(channelId: string, receive: (frame: Frame) => void): void;
  /** Everything else that the hub said, in order. */
  readonly received: readonly ClientLinkDown[];
  readonly closed: Promise<{ code: number; reason: string }>;
  isOpen(): boolean;
  /** Stops and resumes reading from the socket: what comes waits in the kernel and then at the hub. */
  pause(): void;
  resume(): void;
  close(): void;
  terminate(): void;
  onClose(closed: () => void): void;
}

export async function dialClientLink(
  url: string,
  options: { agent?: Agent; headers?: Record<string, string> } = {},
): Promise<ClientLink> {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/link`, {
    perMessageDeflate: false,
    maxPayload: 0,
    headers: { origin: url, ...options.headers },
    ...(options.agent === undefined ? {} : { agent: options.agent }),
  });
  socket.binaryType = "nodebuffer";
  const received: ClientLinkDown[] = [];
  const early = new Map<string, Frame[]>();
  const receivers = new Map<string, (frame: Frame) => void>();
  const closeListeners: (() => void)[] = [];

  socket.on("message", (data: Buffer) => {
    const down = fromBinary(ClientLinkDownSchema, data);
    if (down.body.case !== "frames") {
      received.push(down);
      return;
    }
    for (const frame of down.body.value.frames) {
      const receive = receivers.get(frame.channelId);
      if (receive !== undefined) receive(frame);
      else {
        const waiting = early.get(frame.channelId);
        if (waiting === undefined) early.set(frame.channelId, [frame]);
        else waiting.push(frame);
      }
    }
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on("close", (code, reason) => {
      resolve({ code, reason: reason.toString() });
      for (const listener of closeListeners) listener();
    });
  });
  await once(socket, "open");
  socket.on("error", () => undefined);
  const hello = await until(
    () => received.map(({ body }) => body).find((body) => body.case === "hello"),
    "LinkHello",
  );
  const sendRaw = (bytes: Uint8Array): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(bytes);
  };
  const send: ClientLink["send"] = (body) => {
    const init = body === undefined ? {} : { body };
    sendRaw(toBinary(ClientLinkUpSchema, create(ClientLinkUpSchema, init)));
  };
  return {
    linkId: hello.case === "hello" ? hello.value.linkId : "",
    sendRaw,
    send,
    sendFrames: (...frames) =>
      send({ case: "frames", value: { frames: frames.map((frame) => ({ ...frame })) } }),
    onFrames(channelId, receive) {
      for (const frame of early.get(channelId) ?? []) receive(frame);
      early.delete(channelId);
      receivers.set(channelId, receive);
    },
    received,
    closed,
    isOpen: () => socket.readyState === WebSocket.OPEN,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: () => socket.close(),
    terminate: () => socket.terminate(),
    onClose: (listener) => void closeListeners.push(listener),
  };
}
