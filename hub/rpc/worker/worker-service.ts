import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import type { WorkerSchema, WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import type { AnnounceChange } from "../../relay/announce-change.ts";
import { orderDeregistration } from "../../relay/deregister-worker.ts";
import { encryptionModeOf } from "../../relay/encryption-mode.ts";
import type { Relay } from "../../relay/relay.ts";
import type { WorkerRow } from "../../store/schema.ts";
import type { Workers } from "../../store/workers.ts";
import { principalOf } from "../call-principal.ts";
import { requireTitle, requireWorkerIcon, requireWorkerId } from "../check-request.ts";
import { refuse } from "../refusal.ts";
import { forgetWorker } from "./forget-worker.ts";

type Methods = Pick<
  ServiceImpl<typeof WorkerService>,
  "listWorkers" | "changeWorker" | "deregisterWorker"
>;

/** The workers of an account: their list, their names and pictures, their end. */
export function workerService(parts: {
  readonly relay: Relay;
  readonly workers: Workers;
  readonly announceChange: AnnounceChange;
}): Methods {
  const { relay, workers, announceChange } = parts;

  function describe(row: WorkerRow): MessageInitShape<typeof WorkerSchema> {
    const link = relay.workers.get(row.worker_id);
    return {
      workerId: row.worker_id,
      name: row.name,
      online: link !== undefined,
      lastSeenAtMs: BigInt(link === undefined ? row.last_seen_at_ms : relay.clock.wallMs()),
      encryptionMode: encryptionModeOf(link?.mode ?? row.encryption_mode),
      bundled: row.bundled === 1,
      icon: row.icon,
      deregistering: row.deregistering === 1,
      registeredAtMs: BigInt(row.created_at_ms),
    };
  }

  return {
    async listWorkers(_request, context) {
      const rows = await workers.list(principalOf(context).userId);
      return { workers: rows.map(describe) };
    },

    async changeWorker(request, context) {
      const { userId } = principalOf(context);
      const workerId = requireWorkerId(request.workerId);
      const name = requireTitle(request.name, "name");
      const icon = requireWorkerIcon(request.icon);
      const row = await workers.change(userId, workerId, { name, icon });
      if (row === undefined) throw refuse("not_found");
      announceChange(userId, { workers: true });
      return { worker: describe(row) };
    },

    async deregisterWorker(request, context) {
      const { userId, role } = principalOf(context);
      const workerId = requireWorkerId(request.workerId);
      const marked = await workers.markDeregistering(role === "admin" ? null : userId, workerId);
      if (!marked.ok) throw refuse(marked.reason === "bundled" ? "worker_bundled" : "not_found");
      const { worker, again } = marked;
      relay.log.info("worker is to deregister", { workerId, userId });
      const link = relay.workers.get(workerId);
      if (link !== undefined) {
        orderDeregistration(relay, link);
      } else if (again) {
        // It has not come back to hear it. Should it ever, its token is refused, which ends it as well.
        return await forgetWorker(parts, worker).then(() => ({}));
      }
      announceChange(worker.user_id, { workers: true });
      return {};
    },
  };
}
