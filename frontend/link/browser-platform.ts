import type { Clock, Random } from "@leapmux/shared/platform/platform.ts";

/** Time and randomness of the browser, the same on the page and on the crypto thread. */
export const browserClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export const browserRandom: Random = (length) => crypto.getRandomValues(new Uint8Array(length));
