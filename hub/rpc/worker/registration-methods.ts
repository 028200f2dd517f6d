import type { ServiceImpl } from "@connectrpc/connect";
import { RegistrationState, type WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { encryptionModeOf } from "../../relay/encryption-mode.ts";
import type { Relay } from "../../relay/relay.ts";
import type { KeyedHash } from "../../store/keyed-hash.ts";
import type { Extended, RegistrationKeys } from "../../store/registration-keys.ts";
import { principalOf } from "../call-principal.ts";
import { requireDevicePublicKey, requireKeyId, requireMac } from "../check-request.ts";
import { refuse } from "../refusal.ts";
import { makeSecret } from "../../accounts/account-tokens.ts";

interface Parts {
  readonly relay: Relay;
  readonly registrationKeys: RegistrationKeys;
  readonly keyedHash: KeyedHash;
}

type Methods = Pick<
  ServiceImpl<typeof WorkerService>,
  | "createRegistrationKey"
  | "extendRegistrationKey"
  | "destroyRegistrationKey"
  | "getRegistration"
  | "answerPairing"
>;

/** The part of WorkerService behind the dialog that registers a worker: keys, and the pairing over them. */
export function registrationMethods(parts: Parts): Methods {
  const { relay, registrationKeys } = parts;
  const { wallMs } = relay.clock;

  return {
    async createRegistrationKey(_request, context) {
      const created = await createRegistrationKey(parts, principalOf(context).userId);
      return { ...created, expiresAtMs: BigInt(created.expiresAtMs) };
    },

    async extendRegistrationKey(request, context) {
      const { userId } = principalOf(context);
      const extended = await registrationKeys.extend(userId, requireKeyId(request.keyId), wallMs());
      if (!extended.ok) throw refuseExtension(extended);
      return { expiresAtMs: BigInt(extended.expiresAtMs) };
    },

    async destroyRegistrationKey(request, context) {
      const { userId } = principalOf(context);
      if (!(await registrationKeys.destroy(userId, requireKeyId(request.keyId), wallMs()))) {
        throw refuse("not_found");
      }
      return {};
    },

    async getRegistration(request, context) {
      const key = await registrationKeys.find(
        principalOf(context).userId,
        requireKeyId(request.keyId),
      );
      if (key === undefined) throw refuse("not_found");
      if (key.used_at_ms === null) {
        const isOver = key.destroyed_at_ms !== null || key.expires_at_ms <= wallMs();
        return { state: isOver ? RegistrationState.EXPIRED : RegistrationState.WAITING };
      }
      return {
        state: RegistrationState.REGISTERED,
        workerId: key.worker_id ?? "",
        compositePublicKey: key.composite_public_key ?? new Uint8Array(0),
        encryptionMode: encryptionModeOf(key.encryption_mode ?? "post-quantum"),
        workerMac: key.worker_mac ?? new Uint8Array(0),
      };
    },

    async answerPairing(request, context) {
      const { userId } = principalOf(context);
      const keyId = requireKeyId(request.keyId);
      const devicePublicKey = requireDevicePublicKey(request.devicePublicKey);
      const deviceMac = requireMac(request.deviceMac, "device_mac");
      const answered = await registrationKeys.answer(userId, keyId, wallMs(), {
        devicePublicKey,
        deviceMac,
      });
      if (!answered.ok) {
        const { reason, message } = answerRefusals[answered.reason];
        throw refuse(reason, message);
      }
      // One that is not online finds it at its next hello.
      const link = relay.workers.get(answered.workerId);
      if (link?.userId === userId) {
        link.sendPairingAnswer({ userId, devicePublicKey, deviceMac });
      }
      return {};
    },
  };
}

/** A key for one worker of this user. */
export async function createRegistrationKey(
  { relay, registrationKeys, keyedHash }: Parts,
  userId: string,
): Promise<{ readonly keyId: string; readonly key: string; readonly expiresAtMs: number }> {
  const { clock, random, limits } = relay;
  const keyId = `reg_${Buffer.from(random(16)).toString("base64url")}`;
  const key = makeSecret(random, "lmk_");
  const nowMs = clock.wallMs();
  const expiresAtMs = nowMs + limits.registrationKeyMs;
  const added = await registrationKeys.add(
    {
      key_id: keyId,
      key_hash: keyedHash.hash(key),
      user_id: userId,
      expires_at_ms: expiresAtMs,
    },
    nowMs,
  );
  if (added === "limit_reached") {
    throw refuse(
      "limit_reached",
      "too many registration keys are open, or were made today: close a dialog, or wait",
    );
  }
  return { keyId, key, expiresAtMs };
}

function refuseExtension(extended: Exclude<Extended, { ok: true }>): Error {
  if (extended.reason === "too_early") {
    return refuse("registration_key_too_early", undefined, extended.retryAfterMs);
  }
  return refuse(
    extended.reason === "not_found" ? "not_found" : `registration_key_${extended.reason}`,
  );
}

const answerRefusals = {
  not_found: { reason: "not_found", message: undefined },
  expired: {
    reason: "registration_key_expired",
    message: "the time for this pairing is over: approve this device on the worker's console",
  },
  unused: {
    reason: "pairing_not_possible",
    message: "no worker has come with this registration key yet",
  },
  unpaired: {
    reason: "pairing_not_possible",
    message: "the worker was registered without a pairing secret",
  },
} as const;
