import { flagClose } from "@leapmux/shared/envelope/frame.ts";
import { decodeCloseFrame } from "@leapmux/shared/envelope/close-frame.ts";
import { acceptFrame } from "./accept-frame.ts";
import type { Channel, Link } from "./channel.ts";
import { decodeBatch } from "./decode-batch.ts";
import type { Relay } from "./relay.ts";
import type { RelayedFrame } from "./relayed-frame.ts";
import { routeFrame } from "./route-frame.ts";

/**
 * The way of a batch through the hub: decode-batch, then for each frame accept-frame, route-frame,
 * deliver-frame. Gives false when the link broke the protocol and has to end.
 */
export function relayFrames(relay: Relay, from: Link, batch: Uint8Array): boolean {
  // A hub that stops delivers what it has and takes nothing new; the ends resume elsewhere.
  if (relay.isStopping) return true;
  const decoded = decodeBatch(batch);
  if (!decoded.ok) return false;
  relay.traffic.batches += 1;
  relay.traffic.frames += decoded.frames.length;
  relay.traffic.bytes += batch.length;
  for (const frame of decoded.frames) {
    const admission = acceptFrame(from, frame);
    if (admission.ok) passOn(relay, admission.channel, from, frame);
    else if (admission.blame === "link") return false;
    else if (admission.blame === "channel") relay.closeChannel(admission.channel, admission.reason);
  }
  return true;
}

function passOn(relay: Relay, channel: Channel, from: Link, frame: RelayedFrame): void {
  if (frame.flags === flagClose) {
    // An end closes its own channel: the other learns the reason behind what is still on its way.
    const reason = decodeCloseFrame(frame);
    relay.forgetChannel(channel, reason);
    if (!routeFrame(channel, from).deliver(frame).ok) {
      routeFrame(channel, from).deliverClose(channel.channelId, reason);
    }
    return;
  }
  const outlet = routeFrame(channel, from);
  for (;;) {
    const pushed = outlet.deliver(frame);
    if (pushed.ok) return;
    // Somebody has to go: this channel, or the one that fills the queue of this consumer.
    if (pushed.channelId === channel.channelId) {
      return relay.closeChannel(channel, "slow_consumer");
    }
    const hog = relay.channels.get(pushed.channelId);
    if (hog === undefined) outlet.deliverClose(pushed.channelId, "slow_consumer");
    else relay.closeChannel(hog, "slow_consumer");
  }
}
