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
import { unlessAborted } from "./unless-aborted.ts";

/**
 * Whether the command line opens a channel with the key that the hub reports (protocol §8). Stricter than
 * the browser: the first key is a question too, and a change is never one.
 *
 *   first ──words──▶ known or confirmed ──▶ admitted, pinned once the handshake proved the key
 *            └─────▶ not ───────────────▶ refused
 *   match ──────────────────────────────▶ admitted, refreshed once proved
 *   mismatch ───────────────────────────▶ refused: only `leapmux pins remove` clears a pin
 */
export type KeyRefusal =
  | { readonly kind: "not_confirmed"; readonly actual: Fingerprint }
  | {
      readonly kind: "key" | "mode";
      readonly expected: Fingerprint;
      readonly actual: Fingerprint;
      readonly pin: Pin;
    };

export interface WorkerGate extends KeyGate {
  /** Why no key was admitted; undefined as long as none was refused. */
  readonly refusal: KeyRefusal | undefined;
}

export function makeWorkerGate(options: {
  readonly storage: PinStorage;
  /** Wall clock. */
  readonly nowMs: () => number;
  readonly fingerprint: (compositeKey: Uint8Array) => Promise<Fingerprint>;
  /** Nobody has met this worker from here: a person compares, or knows the words already. */
  readonly confirmFirst: (words: Fingerprint) => Promise<boolean>;
}): WorkerGate {
  const { storage, nowMs } = options;
  let refusal: KeyRefusal | undefined;
  let confirmed: ReportedKey | undefined;
  let asking: { readonly reported: ReportedKey; readonly answer: Promise<boolean> } | undefined;

  const refused = (): Admission => ({
    ok: false,
    reason: refusal?.kind === "mode" ? "mode_refused" : "key_changed",
  });

  async function confirm(reported: ReportedKey): Promise<boolean> {
    const words = await options.fingerprint(reported.compositeKey);
    const isConfirmed = await options.confirmFirst(words);
    if (isConfirmed) confirmed = reported;
    else refusal ??= { kind: "not_confirmed", actual: words };
    return isConfirmed;
  }

  return {
    get refusal() {
      return refusal;
    },

    async admit(reported, signal) {
      if (refusal) return refused();
      const check = await checkPin(storage, nowMs(), reported);
      if (check.kind === "match") {
        return { ok: true, trust: check.pin.verified ? "verified" : "pinned" };
      }
      if (check.kind === "mismatch") {
        const keys = [check.pin, reported].map((key) => options.fingerprint(key.compositeKey));
        const [expected, actual] = await Promise.all(keys);
        if (expected && actual) {
          refusal = { kind: check.changed, expected, actual, pin: check.pin };
        }
        return refused();
      }
      if (!confirmed) {
        asking ??= { reported, answer: confirm(reported) };
        // Another key while the first one is on the screen is no answer to anything.
        if (!isSame(asking.reported, reported)) return { ok: false, reason: "link_lost" };
        if (!(await unlessAborted(asking.answer, signal))) return refused();
      }
      // What was confirmed is one key, not one worker.
      if (!confirmed || !isSame(confirmed, reported)) {
        refusal = {
          kind: "not_confirmed",
          actual: await options.fingerprint(reported.compositeKey),
        };
        return refused();
      }
      return { ok: true, trust: "first" };
    },

    async proved(reported) {
      const check = await checkPin(storage, nowMs(), reported);
      if (check.kind === "mismatch" || refusal) return false;
      if (check.kind === "match") await refreshPin(storage, nowMs(), reported);
      else if (!confirmed || !isSame(confirmed, reported)) return false;
      else await acceptPin(storage, nowMs(), reported);
      return true;
    },
  };
}

function isSame(a: ReportedKey, b: ReportedKey): boolean {
  return (
    a.mode === b.mode &&
    a.workerId === b.workerId &&
    a.compositeKey.length === b.compositeKey.length &&
    a.compositeKey.every((byte, index) => byte === b.compositeKey[index])
  );
}
