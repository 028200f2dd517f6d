import { encodeBase64url } from "@leapmux/shared/identity/base64url.ts";
import type { DeviceSigner } from "@leapmux/shared/identity/device-key.ts";
import type { Fingerprint } from "@leapmux/shared/identity/fingerprint.ts";
import {
  checkWorkerMac,
  generatePairingSecret,
  makeDeviceMac,
} from "@leapmux/shared/identity/pairing.ts";
import { acceptPin, checkPin, type PinStorage } from "@leapmux/shared/identity/pin-store.ts";
import type { Primitives } from "@leapmux/shared/noise/primitives.ts";
import type { Random } from "@leapmux/shared/platform/platform.ts";
import { encodeId } from "../link/encode-id.ts";
import type { DeviceOperations } from "./device-operations.ts";

/** Dialogs that are open at once, in one page; more are a mistake. */
const mostPairings = 8;

/**
 * The client's half of pairing at registration (protocol §7). A secret lives here from the moment the
 * command is shown until the dialog closes or a worker proved that it has it, and is good once.
 */
export function makePairingDesk(parts: {
  readonly random: Random;
  readonly primitives: Pick<Primitives, "hmacBlake2b512">;
  readonly pins: PinStorage;
  readonly nowMs: () => number;
  readonly signer: () => Promise<DeviceSigner>;
  readonly fingerprint: (compositeKey: Uint8Array) => Promise<Fingerprint>;
  readonly distrust: (workerId: string) => void;
}): Pick<DeviceOperations, "startPairing" | "checkPairing" | "endPairing"> {
  const { random, primitives, pins } = parts;
  const pairings = new Map<string, { readonly secret: Uint8Array; readonly startedAtMs: number }>();

  function destroy(pairingId: string): void {
    pairings.get(pairingId)?.secret.fill(0);
    pairings.delete(pairingId);
  }

  /**
   * The hub announces the worker before its proof is looked at: a channel may have met its key, and
   * pinned it as any at first use. Older pins stay: the hub says which worker this is about.
   */
  async function refuse(workerId: string, pairingId: string): Promise<void> {
    const startedAtMs = pairings.get(pairingId)?.startedAtMs ?? Infinity;
    destroy(pairingId);
    parts.distrust(workerId);
    const pin = await pins.get(workerId);
    if (pin && !pin.verified && pin.firstSeenAtMs >= startedAtMs) await pins.delete(workerId);
  }

  return {
    async startPairing() {
      if (pairings.size >= mostPairings) throw new RangeError("too many pairings");
      const pairingId = encodeId(random(16));
      const secret = generatePairingSecret(random);
      pairings.set(pairingId, { secret, startedAtMs: parts.nowMs() });
      return { pairingId, secret: encodeBase64url(secret) };
    },

    async checkPairing({ pairingId, userId, workerId, compositeKey, mode, workerMac }) {
      const pairing = pairings.get(pairingId);
      if (!pairing) throw new RangeError("no such pairing");
      const { secret } = pairing;
      if (workerMac.length === 0) {
        await refuse(workerId, pairingId);
        return { ok: false, reason: "unproven" };
      }
      if (!checkWorkerMac(primitives, secret, { workerId, compositeKey }, workerMac)) {
        // Whoever tried may not try again with what they learnt.
        await refuse(workerId, pairingId);
        return { ok: false, reason: "wrong_proof" };
      }
      const reported = { workerId, compositeKey, mode };
      const known = await checkPin(pins, parts.nowMs(), reported);
      if (known.kind === "mismatch") {
        destroy(pairingId);
        return { ok: false, reason: "known" };
      }
      const devicePublicKey = (await parts.signer()).publicKey;
      const device = { userId, devicePublicKey, compositeKey };
      const deviceMac = makeDeviceMac(primitives, secret, device);
      const words = await parts.fingerprint(compositeKey);
      await acceptPin(pins, parts.nowMs(), reported, true);
      destroy(pairingId);
      return { ok: true, fingerprint: words, devicePublicKey, deviceMac };
    },

    async endPairing({ pairingId }) {
      destroy(pairingId);
      return {};
    },
  };
}
