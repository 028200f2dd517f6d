import { leastRekeyIntervalMs, softNonceLimit } from "../limits/limits.ts";
import type { EncryptionMode, Primitives } from "../noise/primitives.ts";
import { answerRekey, deriveRekeyedKey } from "../noise/rekey.ts";
import type { Clock, Random } from "../platform/platform.ts";
import type { MessageBody } from "../wire/encode-message.ts";
import type { ChannelEnd } from "./channel-end.ts";

export interface ResponderRekey {
  /** A RekeyRequest or RekeyCommit; false: out of place or malformed. */
  accept(body: MessageBody): boolean;
  stop(): void;
}

/**
 * The worker's side of protocol §6: it answers, and refuses what comes too often.
 *
 *   idle ── request: ack sent, sending key switched ──► acked ── commit: receiving key switched ──► idle
 */
export function makeResponderRekey(options: {
  readonly primitives: Primitives;
  readonly random: Random;
  readonly clock: Clock;
  readonly mode: EncryptionMode;
  readonly end: () => ChannelEnd;
}): ResponderRekey {
  const { primitives, random, clock, mode, end } = options;
  let nextOpenKey: Uint8Array | null = null;
  let isOpeningServed = false;
  let lastAgeDrivenMs: number | null = null;

  /** 0: serve it. Otherwise how long to wait, ms. */
  function admit(): number {
    const { sealKey, openKey } = end();
    if (sealKey.nonce >= softNonceLimit || openKey.nonce >= softNonceLimit) return 0;
    if (!isOpeningServed) {
      isOpeningServed = true;
      return 0;
    }
    if (lastAgeDrivenMs !== null) {
      const waitMs = lastAgeDrivenMs + leastRekeyIntervalMs - clock.now();
      if (waitMs > 0) return waitMs;
    }
    lastAgeDrivenMs = clock.now();
    return 0;
  }

  function answer(requestEPub: Uint8Array, kemEk: Uint8Array): boolean {
    const { sealKey, openKey, sendControl } = end();
    const retryAfterMs = Math.ceil(admit());
    if (retryAfterMs > 0) {
      sendControl({ case: "rekeyRefused", value: { retryAfterMs } });
      return true;
    }
    const answered = answerRekey({ primitives, random, mode, ePub: requestEPub, kemEk });
    if (!answered) return false;
    const { secret } = answered;
    nextOpenKey = deriveRekeyedKey(primitives, openKey.bytes, secret);
    const nextSealKey = deriveRekeyedKey(primitives, sealKey.bytes, secret);
    secret.fill(0);
    const ePub = new Uint8Array(answered.ePub);
    const kemCt = new Uint8Array(answered.kemCt);
    // The ack is our last message under the old key.
    sendControl({ case: "rekeyAck", value: { ePub, kemCt } }, () => sealKey.switchTo(nextSealKey));
    return true;
  }

  return {
    accept(body) {
      // One exchange at a time: a second request before the commit is out of place.
      if (body.case === "rekeyRequest" && !nextOpenKey) {
        return answer(body.value.ePub, body.value.kemEk);
      }
      if (body.case === "rekeyCommit" && nextOpenKey) {
        // The commit was the client's last message under its old key.
        end().openKey.switchTo(nextOpenKey);
        nextOpenKey = null;
        return true;
      }
      return false;
    },
    stop() {
      nextOpenKey?.fill(0);
      nextOpenKey = null;
    },
  };
}
