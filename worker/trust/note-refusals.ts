import type { CloseReason } from "@leapmux/shared/errors/close-reason.ts";
import { isUserId } from "@leapmux/shared/identity/sign-claim.ts";
import type { Logger } from "pino";
import type { TrustStore } from "./trust-store.ts";

export interface NotedRefusal {
  readonly reason: CloseReason;
  /** As the hub said it. */
  readonly userId: string;
  readonly deviceId: string;
  readonly detail: string;
  readonly channelId?: string;
}

/** Writes down who could not prove who they are: ids alone, in the log and for the owner. */
export interface RefusalNotes {
  note(refused: NotedRefusal): void;
  /** Resolves when everything that was noted is stored. */
  settle(): Promise<void>;
}

/** Notes that wait to be stored; the log has the rest. */
const maxWaiting = 256;

export function noteRefusals(options: {
  readonly store: Pick<TrustStore, "addRefusedOpening">;
  readonly wallClockMs: () => number;
  readonly logger: Logger;
}): RefusalNotes {
  const { store, wallClockMs, logger } = options;
  let work: Promise<void> = Promise.resolve();
  let waiting = 0;

  return {
    note({ channelId, reason, userId, deviceId, detail }) {
      // What the hub calls a user goes to a log and to screens.
      const named = isUserId(userId) ? userId : "";
      logger.warn({ channelId, reason, userId: named, deviceId, detail }, "an opening was refused");
      if (waiting >= maxWaiting) return;
      waiting += 1;
      const row = {
        at_ms: wallClockMs(),
        reason,
        user_id: named,
        device_id: deviceId,
        detail,
      };
      work = work
        .then(() => store.addRefusedOpening(row))
        .catch(() => logger.error("a refused opening could not be noted"))
        .finally(() => (waiting -= 1));
    },
    settle: () => work,
  };
}
