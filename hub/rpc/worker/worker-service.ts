import type { ServiceImpl } from "@connectrpc/connect";
import type { WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { encryptionModeOf } from "../../relay/encryption-mode.ts";
import type { Relay } from "../../relay/relay.ts";
import type { KeyedHash } from "../../store/keyed-hash.ts";
import type { RegistrationKeys } from "../../store/registration-keys.ts";
import type { Workers } from "../../store/workers.ts";
import { principalOf } from "../call-principal.ts";
import { refuse } from "../refusal.ts";
import { makeSecret } from "../worker-registration/worker-registration-service.ts";

export function workerService({
  relay,
  workers,
  registrationKeys,
  keyedHash,
}: {
  readonly relay: Relay;
  readonly workers: Workers;
  readonly registrationKeys: RegistrationKeys;
  readonly keyedHash: KeyedHash;
}): Partial<ServiceImpl<typeof WorkerService>> {
  return {
    async createRegistrationKey(_request, context) {
      const { userId } = principalOf(context);
      const key = makeSecret(relay.random, "lmk_");
      const nowMs = relay.clock.wallMs();
      const expiresAtMs = nowMs + relay.limits.registrationKeyMs;
      const added = await registrationKeys.add(keyedHash.hash(key), userId, expiresAtMs, nowMs);
      if (added === "limit_reached") throw refuse("limit_reached");
      return { key, expiresAtMs: BigInt(expiresAtMs) };
    },

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
