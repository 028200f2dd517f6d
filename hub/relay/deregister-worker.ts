import type { WorkerLink } from "./channel.ts";
import type { Relay } from "./relay.ts";

/**
 * Tells a worker whose link is open to stop for good. Its channels end first, with a reason of their own,
 * and nothing can be opened any more: the link is out of the table and waits only for the worker's word.
 */
export function orderDeregistration(relay: Relay, link: WorkerLink): void {
  for (const channel of [...link.channels.values()]) {
    relay.closeChannel(channel, "worker_deregistered");
  }
  relay.removeWorker(link);
  link.sendDeregister();
}
