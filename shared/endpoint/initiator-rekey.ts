import { softNonceLimit, rekeyAgeMs, maxKeyAgeMs } from "../limits/limits.ts";
import type { EncryptionMode, Primitives } from "../noise/primitives.ts";
import { deriveRekeyedKey, startRekey, type StartedRekey } from "../noise/rekey.ts";
import type { Clock, Random } from "../platform/platform.ts";
import type { MessageBody } from "../wire/encode-message.ts";
import type { ChannelEnd } from "./channel-end.ts";

export interface InitiatorRekey {
  /** Asks for new keys now, unless that is under way. */
  request(): void;
  /** Asks for new keys when either counter is over the soft limit. Cheap: called after each frame. */
  checkNonces(): void;
  /** A RekeyAck or RekeyRefused; false: it was not asked for or is malformed. */
  accept(body: MessageBody): boolean;
  readonly count: number;
  stop(): void;
}

const leastRetryMs = 1_000;

/**
 * The client's side of protocol §6: it decides when.
 *
 *   idle ── request ──► asked ── ack: receiving key switched, commit sent, sending key switched ──► idle
 *                         └──── refused: asks again after the wait ──► idle
 */
export function makeInitiatorRekey(options: {
  readonly primitives: Primitives;
  readonly random: Random;
  readonly clock: Clock;
  readonly mode: EncryptionMode;
  readonly end: () => ChannelEnd;
  readonly onRekeyed: () => void;
  readonly onRefused: () => void;
}): InitiatorRekey {
  const { primitives, random, clock, mode, end } = options;
  let asked: StartedRekey | null = null;
  let count = 0;
  let isWaiting = false;
  let cancelTimer = clock.after(rekeyAgeMs, request);

  function requestAfter(ms: number): void {
    cancelTimer();
    cancelTimer = clock.after(ms, request);
  }

  function request(): void {
    isWaiting = false;
    if (asked || end().closed) return;
    asked = startRekey({ primitives, random, mode });
    const value = { ePub: copy(asked.ePub), kemEk: copy(asked.kemEk) };
    end().sendControl({ case: "rekeyRequest", value });
  }

  function finish(started: StartedRekey, ePub: Uint8Array, kemCt: Uint8Array): boolean {
    const secret = started.finish(ePub, kemCt);
    if (!secret) return false;
    const { sealKey, openKey, sendControl } = end();
    const nextSealKey = deriveRekeyedKey(primitives, sealKey.bytes, secret);
    // The ack was the worker's last message under its old key.
    openKey.switchTo(deriveRekeyedKey(primitives, openKey.bytes, secret));
    secret.fill(0);
    asked = null;
    count += 1;
    requestAfter(rekeyAgeMs);
    // The commit is ours.
    sendControl({ case: "rekeyCommit", value: {} }, () => {
      sealKey.switchTo(nextSealKey);
      options.onRekeyed();
    });
    return true;
  }

  return {
    request,
    checkNonces() {
      if (asked || isWaiting) return;
      const { sealKey, openKey } = end();
      if (sealKey.nonce >= softNonceLimit || openKey.nonce >= softNonceLimit) request();
    },
    accept(body) {
      if (!asked) return false;
      if (body.case === "rekeyAck") return finish(asked, body.value.ePub, body.value.kemCt);
      if (body.case !== "rekeyRefused") return false;
      asked.destroy();
      asked = null;
      isWaiting = true;
      requestAfter(Math.min(Math.max(body.value.retryAfterMs, leastRetryMs), maxKeyAgeMs));
      options.onRefused();
      return true;
    },
    get count() {
      return count;
    },
    stop() {
      cancelTimer();
      asked?.destroy();
      asked = null;
    },
  };
}

/** Messages want bytes of their own; these are small. */
function copy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
