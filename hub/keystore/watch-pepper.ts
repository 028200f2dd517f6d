import { every, type HubClock } from "../ops/hub-clock.ts";
import type { HubLog } from "../ops/hub-log.ts";
import type { RotatingHash } from "../store/load-keyed-hash.ts";
import type { PepperFile } from "./pepper-file.ts";

/** Takes a token key that another process rotated, and ends the grace of the former one. */
export interface PepperWatch {
  /** Resolves when the file of this moment has been taken, or refused. */
  check(): Promise<void>;
  stop(): Promise<void>;
}

export function watchPepper(parts: {
  readonly file: PepperFile;
  readonly hash: RotatingHash;
  readonly clock: HubClock;
  readonly checkMs: number;
  readonly log: HubLog;
}): PepperWatch {
  const { file, hash, clock, log } = parts;
  // The file was read a moment ago; reading it once more costs nothing and misses nothing.
  let seenStamp = "";
  let checking: Promise<void> = Promise.resolve();

  async function look(): Promise<void> {
    try {
      const stamp = file.stamp();
      if (stamp !== seenStamp) {
        await takeFile();
        // Only now: what could not be done in the database is tried again.
        seenStamp = stamp;
      }
      await hash.checkGrace();
    } catch (error) {
      log.failure("token key not looked at", error, { kind: "token-hash.key" });
    }
  }

  async function takeFile(): Promise<void> {
    const before = hash.generation();
    let peppers;
    try {
      peppers = file.read();
    } catch (error) {
      const reason = error instanceof Error ? error.name : "unknown";
      log.warn("key file not taken: what was read before goes on", {
        kind: "token-hash.key",
        reason,
      });
      return;
    }
    // An older one is a backup at the wrong place: what was hashed since would be lost.
    if (peppers.active.generation < before) {
      log.warn("key file not taken: what was read before goes on", {
        kind: "token-hash.key",
        reason: "older",
      });
      return;
    }
    await hash.take(peppers);
    if (hash.generation() !== before) log.info("token key taken", { kind: "token-hash.key" });
  }

  const check = (): Promise<void> => (checking = checking.then(look));
  const stopChecking = every(clock, parts.checkMs, () => void check());
  return {
    check,
    stop() {
      stopChecking();
      return checking;
    },
  };
}
