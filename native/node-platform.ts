import { randomFillSync } from "node:crypto";
import type { Clock, Random } from "@leapmux/shared/platform/platform.ts";

/** Monotonic, so that changing the wall clock neither ages keys nor ends links. */
export const nodeClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export const nodeRandom: Random = (length) => randomFillSync(new Uint8Array(length));
