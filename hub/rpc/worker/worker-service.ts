import type { ServiceImpl } from "@connectrpc/connect";
import type { WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { encryptionModeOf } from "../../relay/encryption-mode.ts";
import type { Relay } from "../../relay/relay.ts";
import type { Workers } from "../../store/workers.ts";
import { principalOf } from "../call-principal.ts";

export function workerService(
  relay: Relay,
  workers: Workers,
): Partial<ServiceImpl<typeof WorkerService>> {
  return {
    async listWorkers(_request, context) {
      const rows = await workers.list(principalOf(context).userId);
      return {
        workers: rows.map((row) => {
          const link = relay.workers.get(row.worker_id);
          return {
            workerId: row.worker_id,
            name: row.name,
            online: link !== undefined,
            lastSeenAtMs: BigInt(link === undefined ? row.last_seen_at_ms : relay.clock.wallMs()),
            encryptionMode: encryptionModeOf(link?.mode ?? row.encryption_mode),
            bundled: row.bundled === 1,
          };
        }),
      };
    },
  };
}
