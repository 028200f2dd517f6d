import type { CloseReason } from "@leapmux/shared/errors/close-reason.ts";
import { encodeCloseFrame } from "@leapmux/shared/envelope/close-frame.ts";
import { makeFairFrameQueue, type PushResult } from "@leapmux/shared/envelope/fair-frame-queue.ts";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import { encodeRelayedFrame } from "./decode-batch.ts";
import { copyRelayedFrame, type RelayedFrame } from "./relayed-frame.ts";

/**
 * The last station in the hub: frames wait here for one consumer, shared fairly between its channels and
 * bounded, until its link takes them. The link decides when (socket buffer, HTTP/2 window), never how many
 * wait.
 */
export interface FrameOutlet {
  /** Refused with the channel that has to be closed for it; nothing was queued then. */
  deliver(frame: RelayedFrame): PushResult;
  /** Forgets what waits for a channel and says in its place that and why it ended. */
  deliverClose(channelId: string, reason: CloseReason): void;
  take(maxBytes: number): RelayedFrame[];
  readonly isEmpty: boolean;
  readonly bytes: number;
  bytesOf(channelId: string): number;
  /** Something waits, and the consumer took nothing for so long. */
  isStuck(forMs: number): boolean;
}

export interface FrameOutletOptions {
  readonly maxBytesPerChannel: number;
  readonly maxBytes: number;
  readonly clock: Clock;
  /** Something waits where nothing did. */
  readonly onReady: () => void;
}

/** Beyond this backlog frames that are small parts of what they came in get memory of their own. */
const copyAboveBytes = 128 * 1024;
/** Beyond so many frames tiny parts do at once: each could hold a whole message of a link. */
const copyAboveFrames = 16;

export function makeFrameOutlet(options: FrameOutletOptions): FrameOutlet {
  const { maxBytesPerChannel, maxBytes, clock, onReady } = options;
  let lastTakenMs = clock.now();
  const queue = makeFairFrameQueue<RelayedFrame>({
    maxBytesPerChannel,
    maxBytes,
    onReady() {
      lastTakenMs = clock.now();
      if (closes.length === 0) onReady();
    },
  });
  /** They overtake frames of other channels, of their own there are none left. */
  let closes: RelayedFrame[] = [];

  return {
    deliver(frame) {
      const share = frame.encoded.buffer.byteLength / frame.encoded.length;
      const holdsMuch =
        (share > 2 && queue.bytes > copyAboveBytes) ||
        (share > 16 && queue.size >= copyAboveFrames);
      return queue.push(holdsMuch ? copyRelayedFrame(frame) : frame);
    },
    deliverClose(channelId, reason) {
      queue.dropChannel(channelId);
      closes.push(encodeRelayedFrame(encodeCloseFrame(channelId, reason)));
      if (closes.length === 1 && queue.size === 0) onReady();
    },
    take(maxTakenBytes) {
      lastTakenMs = clock.now();
      if (closes.length === 0) return queue.take(maxTakenBytes);
      const first = closes;
      closes = [];
      return queue.size > 0 ? first.concat(queue.take(maxTakenBytes)) : first;
    },
    get isEmpty() {
      return queue.size === 0 && closes.length === 0;
    },
    get bytes() {
      return queue.bytes;
    },
    bytesOf: (channelId) => queue.bytesOf(channelId),
    isStuck: (forMs) => queue.size > 0 && clock.now() - lastTakenMs >= forMs,
  };
}
