import type { Channel, Link } from "./channel.ts";
import type { FrameOutlet } from "./deliver-frame.ts";

/** Where an accepted frame goes: the outlet of the link at the other end of its channel. */
export function routeFrame(channel: Channel, from: Link): FrameOutlet {
  return from.side === "client" ? channel.worker.outlet : channel.client.outlet;
}
