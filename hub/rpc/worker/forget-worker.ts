import type { AnnounceChange } from "../../relay/announce-change.ts";
import type { Relay } from "../../relay/relay.ts";
import type { WorkerRow } from "../../store/schema.ts";
import type { Workers } from "../../store/workers.ts";

/** The end of a deregistration: from here on the worker's token is refused. */
export async function forgetWorker(
  parts: {
    readonly relay: Relay;
    readonly workers: Workers;
    readonly announceChange: AnnounceChange;
  },
  { worker_id: workerId, user_id: userId }: Pick<WorkerRow, "worker_id" | "user_id">,
): Promise<void> {
  const { workspaceIds } = await parts.workers.remove(workerId);
  parts.relay.log.info("worker deregistered", { workerId, userId });
  parts.announceChange(userId, { workers: true, workspaceIds });
}
