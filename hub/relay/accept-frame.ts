import { flagClose } from "@leapmux/shared/envelope/frame.ts";
import { maxCiphertextBytes } from "@leapmux/shared/limits/limits.ts";
import type { CloseReason } from "@leapmux/shared/errors/close-reason.ts";
import type { Channel, Link } from "./channel.ts";
import type { RelayedFrame } from "./relayed-frame.ts";

/**
 * Which frames may pass (protocol §4): one channel of this very link, open, known flags, sizes, chunks of
 * one message at a time. Comes after decode-batch and before route-frame. The blame says how much ends:
 * nothing (the frame crossed with a close), the channel, or the link, whose peer does not follow the
 * protocol at all.
 */
export type Admission =
  | { readonly ok: true; readonly channel: Channel }
  | { readonly ok: false; readonly blame: "nothing" }
  | {
      readonly ok: false;
      readonly blame: "channel";
      readonly channel: Channel;
      readonly reason: CloseReason;
    }
  | { readonly ok: false; readonly blame: "link"; readonly reason: CloseReason };

const crossed: Admission = { ok: false, blame: "nothing" };

export function acceptFrame(from: Link, frame: RelayedFrame): Admission {
  const channel = from.channels.get(frame.channelId);
  if (channel === undefined) {
    // It may have been closed a moment ago. What could never be a frame shows a peer gone astray.
    const sane = frame.flags <= flagClose && frame.ciphertext.length <= maxCiphertextBytes;
    return sane ? crossed : { ok: false, blame: "link", reason: "protocol_violation" };
  }
  if (channel.state !== "open") {
    // An end may give up while the other still works on its answer; data has no place before it.
    if (frame.flags === flagClose) return { ok: true, channel };
    return { ok: false, blame: "channel", channel, reason: "protocol_violation" };
  }
  const order = from.side === "client" ? channel.up : channel.down;
  const result = order.accept(frame);
  return result.ok
    ? { ok: true, channel }
    : { ok: false, blame: "channel", channel, reason: result.reason };
}
