import type { Clock } from "@leapmux/shared/platform/platform.ts";
import type { Logger } from "pino";
import type { EvidenceEvent, EvidenceStore } from "./evidence-store.ts";

/**
 * Takes down what happens, one after the other, without holding anybody up. Refusals cost a stranger nothing,
 * and each new entry lets an old one go: so few of an hour are listed, and the rest are a number. What a hub
 * makes up cannot push out what was there.
 */
export interface EvidenceNotes {
  note(event: Omit<EvidenceEvent, "atMs" | "count">): void;
  /** Resolves when everything that was noted is stored. */
  settle(): Promise<void>;
  /** The same, with what was only counted until then. */
  finish(): Promise<void>;
}

const maxWaiting = 1024;
const refusalsPerWindow = 20;
const windowMs = 60 * 60_000;

export function noteEvidence(options: {
  readonly store: EvidenceStore;
  readonly clock: Pick<Clock, "now">;
  readonly wallClockMs: () => number;
  readonly logger: Logger;
}): EvidenceNotes {
  const { store, clock, wallClockMs, logger } = options;
  let work: Promise<void> = Promise.resolve();
  let waiting = 0;
  let windowStartMs = clock.now();
  let listed = 0;
  let counted = 0;

  function add(event: Omit<EvidenceEvent, "atMs">): void {
    if (waiting >= maxWaiting) {
      logger.error({ action: event.action }, "evidence was not noted: too much waits");
      return;
    }
    waiting += 1;
    const atMs = wallClockMs();
    work = work
      .then(() => store.add({ ...event, atMs }))
      .catch(() => logger.error({ action: event.action }, "evidence could not be noted"))
      .finally(() => (waiting -= 1));
  }

  function flushCounted(): void {
    if (counted === 0) return;
    const count = counted;
    counted = 0;
    add({ action: "opening_refused", userId: "", deviceId: "", subject: "", reason: "", count });
  }

  return {
    note(event) {
      if (clock.now() - windowStartMs >= windowMs) {
        windowStartMs = clock.now();
        listed = 0;
        flushCounted();
      }
      if (event.action === "opening_refused") {
        if (listed >= refusalsPerWindow) {
          counted += 1;
          return;
        }
        listed += 1;
      }
      add({ ...event, count: 1 });
    },
    settle: () => work,
    finish() {
      flushCounted();
      return work;
    },
  };
}
