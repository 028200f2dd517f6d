import type { PairingAnswer } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { deviceIdOf } from "@leapmux/shared/identity/device-id.ts";
import { checkDeviceMac } from "@leapmux/shared/identity/pairing.ts";
import { isUserId } from "@leapmux/shared/identity/sign-claim.ts";
import type { Primitives } from "@leapmux/shared/noise/primitives.ts";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import type { Logger } from "pino";

/** Longer than any registration key lives, its extensions aside. */
const pairingTimeMs = 15 * 60_000;

/** Wrong answers that are looked at; whoever sends more is guessing. */
const maxAttempts = 16;

export type PairingOutcome =
  | "paired"
  /** Nobody answered in time. */
  | "expired"
  /** As many wrong answers as are looked at: somebody was guessing. */
  | "guessed"
  /** The device was revoked on this worker earlier, and stays so until the console approves it. */
  | "revoked"
  /** It could not be stored. */
  | "failed";

/**
 * The worker's half of pairing (protocol §7): holds the secret of the registration command, in memory alone,
 * until a device shows that it knows it too, or until nobody did in time.
 *
 *   idle ─begin→ waiting ─right answer→ idle, with a root
 *                   └─ 15 min, or 16 wrong answers → idle, with nothing
 */
export interface Pairing {
  /** Takes the secret and overwrites it at the end. */
  begin(secret: Uint8Array): void;
  accept(answer: PairingAnswer): Promise<void>;
  /** Destroys the secret. */
  end(): void;
}

export function awaitPairing(options: {
  readonly primitives: Primitives;
  readonly compositePublicKey: Uint8Array;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly addRoot: (publicKey: Uint8Array, userId: string) => Promise<"added" | "revoked">;
  readonly onRefused: (refused: { userId: string; deviceId: string }) => void;
  readonly onOutcome: (outcome: PairingOutcome) => void;
}): Pairing {
  const { primitives, clock, logger } = options;
  let waiting: { readonly secret: Uint8Array; attempts: number; cancel: () => void } | null = null;

  function end(): void {
    waiting?.secret.fill(0);
    waiting?.cancel();
    waiting = null;
  }

  function giveUp(outcome: "expired" | "guessed"): void {
    if (!waiting) return;
    end();
    logger.warn({ outcome }, "nobody was paired with");
    options.onOutcome(outcome);
  }

  async function keep(devicePublicKey: Uint8Array, userId: string): Promise<PairingOutcome> {
    const deviceId = deviceIdOf(devicePublicKey);
    try {
      if ((await options.addRoot(devicePublicKey, userId)) === "revoked") {
        logger.warn({ userId, deviceId }, "the device that was paired with is revoked");
        return "revoked";
      }
    } catch {
      logger.error("the device that was paired with could not be kept");
      return "failed";
    }
    logger.info({ userId, deviceId }, "paired");
    return "paired";
  }

  return {
    begin(secret) {
      end();
      waiting = {
        secret,
        attempts: 0,
        cancel: clock.after(pairingTimeMs, () => giveUp("expired")),
      };
    },

    async accept({ userId, devicePublicKey, deviceMac }) {
      // Hubs repeat the answer with each link: by then the secret is gone.
      if (!waiting) return;
      const device = {
        userId,
        devicePublicKey,
        compositeKey: options.compositePublicKey,
      };
      if (checkDeviceMac(primitives, waiting.secret, device, deviceMac)) {
        end();
        options.onOutcome(await keep(devicePublicKey, userId));
        return;
      }
      const refused = {
        userId: isUserId(userId) ? userId : "",
        deviceId: devicePublicKey.length > 0 ? deviceIdOf(devicePublicKey) : "",
      };
      options.onRefused(refused);
      waiting.attempts += 1;
      if (waiting.attempts >= maxAttempts) giveUp("guessed");
    },

    end,
  };
}
