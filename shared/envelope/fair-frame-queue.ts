import { maxCiphertextBytes } from "../limits/limits.ts";
import type { Frame } from "./frame.ts";

export interface FairFrameQueueOptions {
  readonly maxBytesPerChannel: number;
  /** Of all channels together; absent: only the channels are bounded. */
  readonly maxBytes?: number;
  /** Called by the push that makes the queue non-empty. */
  readonly onReady?: () => void;
}

export type PushResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: "slow_consumer";
      /**
       * The channel to close. The frame's own when that is beyond its share; else the one that fills the
       * queue: close that one, `dropChannel` it and push the frame again. The frame was not queued.
       */
      readonly channelId: string;
    };

/** `F`: the hub's frames carry their encoding along. */
export interface FairFrameQueue<F extends Frame = Frame> {
  push(frame: F): PushResult;
  /** Frames worth up to `maxBytes`, at least one where there is one. */
  take(maxBytes: number): F[];
  dropChannel(channelId: string): void;
  bytesOf(channelId: string): number;
  /** Ciphertext plus `frameOverheadBytes` for each frame. */
  readonly bytes: number;
  /** Frames. */
  readonly size: number;
}

/** Counted for every frame beside its ciphertext: routing fields and the objects that hold them. */
export const frameOverheadBytes = 64;

/** What a channel may send in one turn: any one frame fits. */
const quantumBytes = maxCiphertextBytes + frameOverheadBytes;

class ChannelQueue<F extends Frame> {
  readonly channelId: string;
  frames: F[] = [];
  /** Index of the next frame of `frames`; those before it are gone. */
  head = 0;
  bytes = 0;
  /** Bytes that this channel may still send in its turn. */
  deficit = quantumBytes;
  // Neighbours in the ring of the round robin; itself where it is alone.
  next: ChannelQueue<F> = this;
  previous: ChannelQueue<F> = this;

  constructor(channelId: string) {
    this.channelId = channelId;
  }
}

const pushed: PushResult = { ok: true };

/**
 * Frames that wait for a link, shared fairly: deficit round robin by bytes between channels, order kept
 * within one. A channel that fills its share is the caller's to close; the others never notice.
 */
export function makeFairFrameQueue<F extends Frame = Frame>(
  options: FairFrameQueueOptions,
): FairFrameQueue<F> {
  const { maxBytesPerChannel, maxBytes = Infinity, onReady } = options;
  /** Only channels with frames are here. */
  const channels = new Map<string, ChannelQueue<F>>();
  let turn: ChannelQueue<F> | null = null;
  let bytes = 0;
  let size = 0;

  function join(channelId: string): ChannelQueue<F> {
    const queue = new ChannelQueue<F>(channelId);
    if (turn) {
      // The place before the one that has the turn is the end of the ring.
      queue.next = turn;
      queue.previous = turn.previous;
      queue.previous.next = queue;
      turn.previous = queue;
    }
    turn ??= queue;
    channels.set(channelId, queue);
    return queue;
  }

  function leave(queue: ChannelQueue<F>): void {
    channels.delete(queue.channelId);
    queue.previous.next = queue.next;
    queue.next.previous = queue.previous;
    if (turn === queue) turn = queue.next === queue ? null : queue.next;
  }

  function fullest(): string {
    let found: ChannelQueue<F> | undefined;
    for (const queue of channels.values()) {
      if (!found || queue.bytes > found.bytes) found = queue;
    }
    return found?.channelId ?? "";
  }

  function pop(queue: ChannelQueue<F>, cost: number): void {
    queue.head += 1;
    queue.bytes -= cost;
    queue.deficit -= cost;
    bytes -= cost;
    size -= 1;
    if (queue.head === queue.frames.length) {
      leave(queue);
    } else if (queue.head >= 64 && queue.head * 2 >= queue.frames.length) {
      // Halving keeps both memory and the cost of each frame bounded.
      queue.frames = queue.frames.slice(queue.head);
      queue.head = 0;
    }
  }

  return {
    push(frame) {
      const cost = costOf(frame);
      const { channelId } = frame;
      const ownBytes = (channels.get(channelId)?.bytes ?? 0) + cost;
      if (ownBytes > maxBytesPerChannel) return { ok: false, reason: "slow_consumer", channelId };
      if (bytes + cost > maxBytes) {
        const full = fullest();
        const isOwn = ownBytes >= (channels.get(full)?.bytes ?? 0);
        return { ok: false, reason: "slow_consumer", channelId: isOwn ? channelId : full };
      }
      const queue = channels.get(channelId) ?? join(channelId);
      queue.frames.push(frame);
      queue.bytes += cost;
      bytes += cost;
      size += 1;
      if (size === 1) onReady?.();
      return pushed;
    },

    take(maxTakenBytes) {
      const taken: F[] = [];
      let left = maxTakenBytes;
      while (turn) {
        const frame = turn.frames[turn.head];
        if (!frame) break;
        const cost = costOf(frame);
        if (cost > turn.deficit) {
          // Its turn is over; it keeps what it did not use.
          turn.deficit += quantumBytes;
          turn = turn.next;
          continue;
        }
        if (cost > left && taken.length > 0) break;
        pop(turn, cost);
        taken.push(frame);
        left -= cost;
      }
      return taken;
    },

    dropChannel(channelId) {
      const queue = channels.get(channelId);
      if (!queue) return;
      leave(queue);
      bytes -= queue.bytes;
      size -= queue.frames.length - queue.head;
    },

    bytesOf: (channelId) => channels.get(channelId)?.bytes ?? 0,
    get bytes() {
      return bytes;
    },
    get size() {
      return size;
    },
  };
}

function costOf(frame: Frame): number {
  return frame.ciphertext.length + frameOverheadBytes;
}
