import { watch } from "node:fs";
import { basename, dirname } from "node:path";
import type { Random } from "@leapmux/shared/platform/platform.ts";
import { every, type HubClock } from "../ops/hub-clock.ts";
import type { HubLog } from "../ops/hub-log.ts";
import type { KeyRing } from "./key-ring.ts";
import { makeKeystore, type Keystore } from "./keystore.ts";
import type { RingFile } from "./ring-file.ts";

/**
 * The keystore of a hub that goes on running while its key file is changed by another process. What can be read
 * takes the place of the ring in memory; what cannot is told once and never does.
 */
export interface LiveKeystore extends Keystore {
  ring(): KeyRing;
  /** Resolves when the file of this moment has been taken, or refused. */
  check(): Promise<void>;
  stop(): Promise<void>;
}

export function makeLiveKeystore(parts: {
  readonly ring: KeyRing;
  readonly file: RingFile;
  readonly random: Random;
  readonly clock: HubClock;
  readonly checkMs: number;
  readonly log: Pick<HubLog, "info" | "warn">;
}): LiveKeystore {
  const { file, random, clock, log } = parts;
  let { ring } = parts;
  let keystore = makeKeystore(ring, random);
  let takenStamp = stampOf(file);
  let refusedStamp: string | null = null;
  let checking: Promise<void> = Promise.resolve();

  function take(next: KeyRing, stamp: string): void {
    if (next.activeVersion !== ring.activeVersion || next.keys.size !== ring.keys.size) {
      log.info("key ring taken", { kind: "encryption.key", count: next.keys.size });
    }
    ring = next;
    keystore = makeKeystore(next, random);
    takenStamp = stamp;
    refusedStamp = null;
  }

  function refuse(stamp: string, error: unknown): void {
    if (stamp === refusedStamp) return;
    refusedStamp = stamp;
    const reason = error instanceof Error ? error.name : "unknown";
    log.warn("key file not taken: what was read before goes on", {
      kind: "encryption.key",
      reason,
    });
  }

  async function look(): Promise<void> {
    // Before it is read: what changes in between is seen by the next look.
    const stamp = stampOf(file);
    if (stamp === takenStamp || stamp === refusedStamp) return;
    try {
      take(await file.load({ mayMake: false }), stamp);
    } catch (error) {
      refuse(stamp, error);
    }
  }

  /** Without waiting; where that cannot be, the next look has it. */
  function lookNow(): void {
    const stamp = stampOf(file);
    if (stamp === takenStamp || stamp === refusedStamp) return;
    try {
      const next = file.reread();
      if (next !== null) take(next, stamp);
    } catch (error) {
      refuse(stamp, error);
    }
  }

  const check = (): Promise<void> => (checking = checking.then(look));
  const stopChecking = every(clock, parts.checkMs, () => void check());
  const watcher = watchFile(file.path, () => void check());

  return {
    seal(place, plaintext) {
      // A key that was rotated away may be removed soon: nothing new is to hang on it.
      lookNow();
      return keystore.seal(place, plaintext);
    },
    open(place, sealed) {
      const opened = keystore.open(place, sealed);
      if (opened.ok || opened.reason !== "unknown_key") return opened;
      lookNow();
      return keystore.open(place, sealed);
    },
    activeVersion: () => keystore.activeVersion(),
    head: () => keystore.head(),
    ring: () => ring,
    check,
    stop() {
      stopChecking();
      watcher.close();
      return checking;
    },
  };
}

/** One that may not even be looked at counts as none. */
function stampOf(file: RingFile): string {
  try {
    return file.stamp();
  } catch {
    return "";
  }
}

/** Sooner than the next look where the system tells of changes; where it does not, nothing is lost. */
function watchFile(path: string, run: () => void): { close(): void } {
  try {
    const watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
      if (name === basename(path)) run();
    });
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return { close: () => undefined };
  }
}
