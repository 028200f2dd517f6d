import { WorkerDeviceService } from "@leapmux/proto/sealed/v1/device_pb.ts";
import { type Accessor, createEffect, mapArray } from "solid-js";
import type { WorkerConnections } from "../link/worker-connections.ts";

/** What one call carries. */
const mostPerCall = 32;
const timeoutMs = 20_000;

/**
 * Hands the revocations that this page knows to every worker with an open channel, at its opening and
 * when there are more: a hub that keeps them back can only delay them (protocol §7). Opens none itself.
 */
export function deliverRevocations(parts: {
  readonly workerIds: Accessor<readonly string[]>;
  readonly connections: Pick<WorkerConnections, "of">;
  readonly revocations: Accessor<readonly Uint8Array[]>;
}): void {
  const deliveries = mapArray(parts.workerIds, (workerId) => {
    const connection = parts.connections.of(workerId);
    /** In the channel that is open. */
    let delivered = new Set<string>();
    createEffect(() => {
      const all = parts.revocations();
      if (connection.state().kind !== "open") {
        delivered = new Set();
        return;
      }
      const mine = delivered;
      const fresh = all.filter((each) => !mine.has(nameOf(each)));
      for (const each of fresh) mine.add(nameOf(each));
      const client = connection.client(WorkerDeviceService);
      for (let at = 0; at < fresh.length; at += mostPerCall) {
        const signedRevocations = fresh.slice(at, at + mostPerCall);
        client.deliverRevocations({ signedRevocations }, { timeoutMs }).catch(() => {
          // Again at the next opening: the worker went away, or knows no devices.
        });
      }
    });
  });
  createEffect(() => deliveries());
}

/** The end of a signature is like no other. */
function nameOf(signed: Uint8Array): string {
  return `${signed.length}:${signed.slice(-32).join(",")}`;
}
