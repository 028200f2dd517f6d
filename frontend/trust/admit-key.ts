import type { Admission, KeyGate } from "@leapmux/shared/client/key-gate.ts";
import type { Fingerprint } from "@leapmux/shared/identity/fingerprint.ts";
import {
  acceptPin,
  checkPin,
  type Pin,
  type PinStorage,
  refreshPin,
  type ReportedKey,
} from "@leapmux/shared/identity/pin-store.ts";
import type { KeyQuestion } from "./key-question.ts";

/**
 * Whether a channel may be opened with the key that the hub reports (protocol §8), asked before the
 * handshake, and what is remembered after it.
 *
 *   first ─────────────────────────────▶ admitted, pinned once the handshake proved the key
 *   match ─────────────────────────────▶ admitted, refreshed once proved
 *   mismatch ──ask──▶ accepted ────────▶ pin replaced, admitted
 *              ├────▶ rejected ────────▶ refused for the rest of the page's life
 *              └────▶ without words ───▶ nothing to compare: as if the link had been lost
 */
export interface BrowserKeyGate extends KeyGate {
  /** Its pairing failed: no key of this worker is admitted for the rest of the page's life. */
  reject(workerId: string): void;
}

export interface AskedQuestion {
  readonly answer: Promise<boolean>;
  withdraw(): void;
}

interface OpenQuestion {
  readonly reported: ReportedKey;
  readonly answered: Promise<Admission>;
  withdraw(): void;
}

export function makeKeyGate(options: {
  readonly storage: PinStorage;
  /** Wall clock. */
  readonly nowMs: () => number;
  readonly fingerprint: (compositeKey: Uint8Array) => Promise<Fingerprint>;
  readonly ask: (question: KeyQuestion) => AskedQuestion;
}): BrowserKeyGate {
  const { storage, nowMs } = options;
  const rejected = new Map<string, Admission & { ok: false }>();
  const questions = new Map<string, OpenQuestion>();

  async function ask(reported: ReportedKey, changed: "key" | "mode", pin: Pin): Promise<Admission> {
    const words = [pin, reported].map((key) => options.fingerprint(key.compositeKey));
    const [expected, actual] = await Promise.all(words).catch(() => []);
    if (!expected || !actual) return { ok: false, reason: "link_lost" };
    const open = questions.get(reported.workerId);
    if (open) {
      if (sameKey(open.reported, reported)) return open.answered;
      // Another key again: what was on the screen is no longer the question.
      questions.delete(reported.workerId);
      open.withdraw();
    }
    const asked = options.ask({
      kind: changed,
      workerId: reported.workerId,
      expected: { fingerprint: expected, mode: pin.mode },
      actual: { fingerprint: actual, mode: reported.mode },
    });
    let withdrawn = false;
    const answered = asked.answer.then(async (accepted): Promise<Admission> => {
      const refusal = {
        ok: false,
        reason: changed === "mode" ? "mode_refused" : "key_changed",
      } as const;
      if (withdrawn) return refusal;
      questions.delete(reported.workerId);
      if (!accepted) {
        rejected.set(reported.workerId, refusal);
        return refusal;
      }
      const verified = changed === "mode" && pin.verified;
      await acceptPin(storage, nowMs(), reported, verified);
      return { ok: true, trust: verified ? "verified" : "pinned" };
    });
    questions.set(reported.workerId, {
      reported,
      answered,
      withdraw() {
        withdrawn = true;
        asked.withdraw();
      },
    });
    return answered;
  }

  return {
    async admit(reported, signal) {
      const refusal = rejected.get(reported.workerId);
      if (refusal) return refusal;
      const check = await checkPin(storage, nowMs(), reported);
      if (check.kind === "first") return { ok: true, trust: "first" };
      if (check.kind === "match") {
        return { ok: true, trust: check.pin.verified ? "verified" : "pinned" };
      }
      return untilAborted(ask(reported, check.changed, check.pin), signal);
    },
    async proved(reported) {
      if (rejected.has(reported.workerId)) return false;
      const check = await checkPin(storage, nowMs(), reported);
      if (check.kind === "first") await acceptPin(storage, nowMs(), reported);
      if (check.kind === "match") await refreshPin(storage, nowMs(), reported);
      return check.kind !== "mismatch";
    },
    reject(workerId) {
      rejected.set(workerId, { ok: false, reason: "key_changed" });
    },
  };
}

function sameKey(a: ReportedKey, b: ReportedKey): boolean {
  return (
    a.mode === b.mode &&
    a.compositeKey.length === b.compositeKey.length &&
    a.compositeKey.every((byte, index) => byte === b.compositeKey[index])
  );
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
