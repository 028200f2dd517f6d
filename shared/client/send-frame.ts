import { create, toBinary } from "@bufbuild/protobuf";
import { ClientLinkUpSchema } from "@leapmux/proto/hub/v1/client_link_pb.ts";
import { FrameBatchSchema, FrameSchema } from "@leapmux/proto/hub/v1/frame_pb.ts";
import type { Frame } from "../envelope/frame.ts";

/** Ciphertext of one WebSocket message, bytes; well below what the hub takes. */
const maxBatchBytes = 256 * 1024;

export interface FrameSender {
  /** Frames of one task travel together, in order. */
  send(frame: Frame): void;
  /** Sends what waits. */
  flush(): void;
  /** Forgets what waits: its link is gone. */
  clear(): void;
}

/** Sealed frames become WebSocket messages. */
export function makeFrameSender(sendBytes: (bytes: Uint8Array<ArrayBuffer>) => void): FrameSender {
  let waiting: Frame[] = [];
  let waitingBytes = 0;
  let scheduled = false;

  function flush(): void {
    scheduled = false;
    if (waiting.length === 0) return;
    const frames = waiting.map((frame) => create(FrameSchema, frame));
    waiting = [];
    waitingBytes = 0;
    const batch = create(FrameBatchSchema, { frames });
    const up = create(ClientLinkUpSchema, { body: { case: "frames", value: batch } });
    sendBytes(toBinary(ClientLinkUpSchema, up));
  }

  return {
    flush,
    send(frame) {
      if (waitingBytes + frame.ciphertext.length > maxBatchBytes) flush();
      waiting.push(frame);
      waitingBytes += frame.ciphertext.length;
      if (scheduled) return;
      scheduled = true;
      queueMicrotask(() => {
        if (scheduled) flush();
      });
    },
    clear() {
      waiting = [];
      waitingBytes = 0;
    },
  };
}
