import type { Clock } from "@leapmux/shared/platform/platform.ts";

/**
 * The revocations of the account once more, because a worker asks: page by page, as fast as it takes them.
 * Asking often costs the hub nothing: one list goes out at a time, and the next one begins only when its time
 * has come, however often it was asked for meanwhile.
 */
export interface RepeatedRevocations {
  ask(): void;
  /** `null`: there is nothing to send now. */
  nextPage(): Promise<readonly Uint8Array[] | null>;
  stop(): void;
}

export function makeRepeatedRevocations(options: {
  readonly clock: Clock;
  readonly leastMs: number;
  readonly list: () => AsyncGenerator<readonly Uint8Array[], void, undefined>;
  /** A page may be taken where there was none. */
  readonly onReady: () => void;
}): RepeatedRevocations {
  const { clock, leastMs } = options;
  let begunMs = -Infinity;
  let cancel: (() => void) | null = null;
  let pages: AsyncGenerator<readonly Uint8Array[], void, undefined> | null = null;

  function begin(): void {
    cancel = null;
    begunMs = clock.now();
    // One that is under way has perhaps gone past what is asked for.
    pages = options.list();
    options.onReady();
  }

  return {
    ask() {
      if (cancel !== null) return;
      cancel = clock.after(Math.max(0, begunMs + leastMs - clock.now()), begin);
    },
    async nextPage() {
      while (pages !== null) {
        const list = pages;
        const page = await list.next();
        if (page.done !== true) return page.value;
        if (pages === list) pages = null;
      }
      return null;
    },
    stop() {
      cancel?.();
      pages = null;
    },
  };
}
