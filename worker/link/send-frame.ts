import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Frame as WireFrame } from "@leapmux/proto/hub/v1/frame_pb.ts";
import type { WorkerLinkUpSchema } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { makeFairFrameQueue, type PushResult } from "@leapmux/shared/envelope/fair-frame-queue.ts";
import type { Frame } from "@leapmux/shared/envelope/frame.ts";
import type { WorkerLimits } from "../config/worker-limits.ts";

export type LinkUp = MessageInitShape<typeof WorkerLinkUpSchema>;
type LinkUpBody = Exclude<NonNullable<LinkUp["body"]>, { case?: undefined }>;

/**
 * The sending side of one link: frame table row "delivered frame" towards the hub. Frames of all
 * channels share it fairly and those that wait together travel together; what the link itself has to
 * say (hello, answers, beats) goes first. It is pulled by the transport, so that a hub that does not
 * read fills the bounded queue here and no socket buffer.
 */
export interface LinkSender {
  sendFrame(frame: Frame): PushResult;
  /** Hello, answers to openings, beats: few and small. */
  sendNow(body: LinkUpBody): void;
  dropChannel(channelId: string): void;
  /** Ends the stream after what was sent by `sendNow`; waiting frames are dropped. */
  finish(): void;
  /** What the transport pulls; for one reader. */
  messages(): AsyncGenerator<LinkUp, void, undefined>;
  readonly queuedBytes: number;
  /** Of what `sendNow` took. */
  readonly waitingAnswers: number;
}

export function makeLinkSender(options: {
  readonly limits: WorkerLimits;
  /** Called for every message that leaves. */
  readonly onSent: () => void;
}): LinkSender {
  const { limits, onSent } = options;
  const first: LinkUpBody[] = [];
  let finished = false;
  let wake: (() => void) | null = null;

  function rouse(): void {
    const waiting = wake;
    wake = null;
    waiting?.();
  }

  const queue = makeFairFrameQueue({
    maxBytesPerChannel: limits.maxQueuedBytesPerChannel,
    maxBytes: limits.maxQueuedBytes,
    onReady: rouse,
  });

  return {
    sendFrame: (frame) => queue.push(frame),
    sendNow(body) {
      first.push(body);
      rouse();
    },
    dropChannel: (channelId) => queue.dropChannel(channelId),
    finish() {
      finished = true;
      rouse();
    },
    async *messages() {
      for (;;) {
        const body = first.shift();
        if (body) {
          onSent();
          yield { body };
        } else if (finished) {
          return;
        } else if (queue.size > 0) {
          onSent();
          const frames = queue.take(limits.batchBytes).map(toWireFrame);
          yield { body: { case: "frames", value: { frames } } };
        } else {
          await new Promise<void>((resolve) => (wake = resolve));
        }
      }
    },
    get queuedBytes() {
      return queue.bytes;
    },
    get waitingAnswers() {
      return first.length;
    },
  };
}

function toWireFrame(frame: Frame): WireFrame {
  const { channelId, correlationId, flags, ciphertext } = frame;
  return {
    $typeName: "leapmux.hub.v1.Frame",
    channelId,
    correlationId,
    flags,
    ciphertext,
  };
}
