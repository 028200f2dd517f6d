import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import type { WorkerEvidenceService } from "@leapmux/proto/sealed/v1/worker_evidence_pb.ts";
import { readCaller } from "../dispatch/caller.ts";
import type { EvidenceStore } from "./evidence-store.ts";
import type { EvidenceNotes } from "./note-evidence.ts";

const defaultPage = 50;
const maxPage = 200;

/** For callers with everything granted (dispatch/method-needs): who came, who was refused, which terminals were started. */
export function makeWorkerEvidenceService(options: {
  readonly store: Pick<EvidenceStore, "list">;
  readonly evidence: Pick<EvidenceNotes, "settle">;
}): ServiceImpl<typeof WorkerEvidenceService> {
  const { store, evidence } = options;
  return {
    async listEvidence({ beforeSequence, limit }, context) {
      readCaller(context);
      if (limit > maxPage || beforeSequence < 0n) {
        throw new ConnectError(`limit must be 1 to ${maxPage}`, Code.InvalidArgument);
      }
      await evidence.settle();
      const most = limit === 0 ? defaultPage : limit;
      const before = beforeSequence === 0n ? Number.MAX_SAFE_INTEGER : Number(beforeSequence);
      const rows = await store.list(before, most + 1);
      return {
        more: rows.length > most,
        evidence: rows.slice(0, most).map((row) => ({
          sequence: BigInt(row.sequence),
          atMs: BigInt(row.at_ms),
          action: row.action,
          userId: row.user_id,
          deviceId: row.device_id,
          subject: row.subject,
          reason: row.reason,
          count: BigInt(row.count),
        })),
      };
    },
  };
}
