import type { ServiceImpl } from "@connectrpc/connect";
import type { WorkerRegistrationService } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { compositeKeyBytes } from "@leapmux/shared/limits/limits.ts";
import type { Random } from "@leapmux/shared/platform/platform.ts";
import type { AnnounceChange } from "../../relay/announce-change.ts";
import { makeSecret } from "../../accounts/account-tokens.ts";
import type { HubLog } from "../../ops/hub-log.ts";
import type { LogRefusal } from "../../ops/log-refusals.ts";
import type { KeyedHash } from "../../store/keyed-hash.ts";
import type { RegistrationKeys } from "../../store/registration-keys.ts";
import { requireMac, requireMode, requireTitle, requireWorkerId } from "../check-request.ts";
import { refuse } from "../refusal.ts";
import { readBearer } from "../worker-link/authenticate-worker.ts";

/** Admits a worker against a registration key; its token is made here and stored only as a keyed hash. */
export function workerRegistrationService(parts: {
  readonly registrationKeys: RegistrationKeys;
  readonly keyedHash: KeyedHash;
  readonly announceChange: AnnounceChange;
  readonly random: Random;
  readonly wallMs: () => number;
  readonly log: HubLog;
  readonly logRefusal: LogRefusal;
}): ServiceImpl<typeof WorkerRegistrationService> {
  const { registrationKeys, keyedHash, announceChange, random, wallMs, log, logRefusal } = parts;

  return {
    async register(request, context) {
      const key = readBearer(context.requestHeader);
      if (key === null) throw refuse("registration_key_missing");
      if (request.compositePublicKey.length !== compositeKeyBytes) {
        throw refuse(
          "invalid_request",
          `composite_public_key must have ${compositeKeyBytes} bytes`,
        );
      }
      const workerId = requireWorkerId(request.workerId);
      const mode = requireMode(request.encryptionMode);
      const name = requireTitle(request.name, "name");
      const workerMac =
        request.workerMac.length === 0
          ? request.workerMac
          : requireMac(request.workerMac, "worker_mac");
      const token = makeSecret(random, "lmw_");
      const nowMs = wallMs();
      const redeemed = await registrationKeys.redeem(
        await keyedHash.settle("registration_keys", key),
        nowMs,
        {
          worker_id: workerId,
          name,
          composite_public_key: request.compositePublicKey,
          encryption_mode: mode,
          token_hash: keyedHash.hash(token),
          created_at_ms: nowMs,
        },
        workerMac,
      );
      if (!redeemed.ok) {
        logRefusal("registration refused", { reason: redeemed.reason });
        const isFull = redeemed.reason === "limit_reached";
        throw refuse(refusals[redeemed.reason], isFull ? tooManyWorkers : undefined);
      }
      log.info("worker registered", { workerId, userId: redeemed.userId });
      announceChange(redeemed.userId, { workers: true, registrations: true });
      return { workerToken: token };
    },
  };
}

const tooManyWorkers = "the account has too many workers: deregister one first";

const refusals = {
  unknown: "registration_key_unknown",
  used: "registration_key_used",
  expired: "registration_key_expired",
  destroyed: "registration_key_destroyed",
  worker_exists: "already_exists",
  limit_reached: "limit_reached",
} as const;
