import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  RegistrationKeyStatus,
  WorkerStatus,
  type OwnedWorkerSchema,
  type RegistrationKeySchema,
  type WorkerAdminService,
} from "@leapmux/proto/hub/v1/admin_workers_pb.ts";
import { encryptionModeOf } from "../../../relay/encryption-mode.ts";
import { whySpent } from "../../../store/registration-keys.ts";
import type {
  OwnedKey,
  OwnedWorker,
  WorkerAdministration,
} from "../../../store/worker-administration.ts";
import type { AccountParts } from "../../account-parts.ts";
import { actingAdmin } from "../../call-principal.ts";
import {
  isKeyId,
  isWorkerId,
  requireKeyId,
  requireUserId,
  requireWorkerId,
} from "../../check-request.ts";
import { refuse } from "../../refusal.ts";
import { readPage } from "../admin-page.ts";

export type WorkerAdminParts = Pick<
  AccountParts,
  "reactToRevocations" | "announceChange" | "limits" | "wallMs" | "log"
> & { readonly workerAdministration: WorkerAdministration };

const keyStatus = {
  used: RegistrationKeyStatus.USED,
  expired: RegistrationKeyStatus.EXPIRED,
  destroyed: RegistrationKeyStatus.WITHDRAWN,
} as const;

/** The gate has asked for the role admin before any of this runs. */
export function workerAdminService(
  parts: WorkerAdminParts,
): ServiceImpl<typeof WorkerAdminService> {
  const { workerAdministration, announceChange, limits, wallMs, log } = parts;
  const most = limits.maxRowsPerPage;

  return {
    async listWorkersOf(request) {
      const userId = request.userId === "" ? null : requireUserId(request.userId);
      const deregistering = readStatus(request.status);
      const { rows, nextPageToken } = await readPage(request, {
        most,
        isKey: isWorkerId,
        keyOf: (row: OwnedWorker) => row.worker_id,
        fetch: (page) => workerAdministration.list({ ...page, userId, deregistering }),
      });
      return { workers: rows.map(workerOf), nextPageToken };
    },

    async getWorkerOf(request) {
      const row = await workerAdministration.find(requireWorkerId(request.workerId));
      if (row === undefined) throw refuse("not_found");
      return { worker: workerOf(row) };
    },

    async deregisterWorkerOf(request, context) {
      const workerId = requireWorkerId(request.workerId);
      const done = await workerAdministration.deregister(workerId, actingAdmin(context), wallMs());
      if (!done.ok) throw refuse(done.reason);
      const { userId, forgotten } = done;
      log.info("worker deregistered by an admin", { workerId, userId });
      await parts.reactToRevocations();
      announceChange(userId, { workers: true, workspaces: forgotten });
      return { forgotten };
    },

    async listRegistrationKeys(request) {
      const { rows, nextPageToken } = await readPage(request, {
        most,
        isKey: isKeyId,
        keyOf: (row: OwnedKey) => row.key_id,
        fetch: (page) => workerAdministration.listKeys(page),
      });
      return { keys: rows.map((row) => keyOf(row, wallMs())), nextPageToken };
    },

    async revokeRegistrationKey(request, context) {
      const keyId = requireKeyId(request.keyId);
      const revoked = await workerAdministration.revokeKey(keyId, actingAdmin(context), wallMs());
      if (!revoked.ok) throw refuse(revoked.reason);
      const { userId } = revoked;
      log.info("registration key withdrawn by an admin", { userId });
      announceChange(userId, { registrations: true });
      return {};
    },

    purgeExpiredRegistrationKeys: async () => ({
      purged: await workerAdministration.purgeKeys(wallMs()),
    }),
  };
}

/** Null: any. */
function readStatus(status: WorkerStatus): boolean | null {
  switch (status) {
    case WorkerStatus.UNSPECIFIED:
      return null;
    case WorkerStatus.ACTIVE:
      return false;
    case WorkerStatus.DEREGISTERING:
      return true;
    default:
      throw refuse("invalid_request", "status must be active or deregistering");
  }
}

function workerOf(row: OwnedWorker): MessageInitShape<typeof OwnedWorkerSchema> {
  return {
    workerId: row.worker_id,
    name: row.name,
    userId: row.user_id,
    username: row.username ?? "",
    status: row.deregistering === 1 ? WorkerStatus.DEREGISTERING : WorkerStatus.ACTIVE,
    encryptionMode: encryptionModeOf(row.encryption_mode),
    bundled: row.bundled === 1,
    registeredAtMs: BigInt(row.created_at_ms),
    lastSeenAtMs: BigInt(row.last_seen_at_ms),
  };
}

function keyOf(row: OwnedKey, nowMs: number): MessageInitShape<typeof RegistrationKeySchema> {
  const spent = whySpent(row, nowMs);
  return {
    keyId: row.key_id,
    userId: row.user_id,
    username: row.username ?? "",
    status: spent === null ? RegistrationKeyStatus.OPEN : keyStatus[spent],
    expiresAtMs: BigInt(row.expires_at_ms),
    workerId: row.worker_id ?? "",
  };
}
