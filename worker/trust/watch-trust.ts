import type { Clock } from "@leapmux/shared/platform/platform.ts";
import type { TrustStore } from "./trust-store.ts";

/** How soon a command line that wrote worker.db is heard. */
const pollMs = 500;
/** How soon a grant that ran out ends its channels. */
const recheckMs = 60_000;

/** Notices what other processes wrote and what time did; the returned function stops that. */
export function watchTrust(options: {
  readonly clock: Clock;
  readonly store: Pick<TrustStore, "readDataVersion">;
  readonly reload: () => Promise<void>;
  readonly recheck: () => void;
}): () => void {
  const { clock, store } = options;
  let version: number | null = null;
  let stopped = false;
  let cancelPoll = clock.after(pollMs, poll);
  let cancelRecheck = clock.after(recheckMs, recheck);

  async function look(): Promise<void> {
    const seen = await store.readDataVersion();
    // The first look counts as news: what was written since the start was not seen.
    if (seen !== version) await options.reload();
    version = seen;
  }

  function poll(): void {
    look()
      // The database is locked or gone: its writers say so, and the next look comes.
      .catch(() => undefined)
      .finally(() => {
        if (!stopped) cancelPoll = clock.after(pollMs, poll);
      });
  }

  function recheck(): void {
    options.recheck();
    cancelRecheck = clock.after(recheckMs, recheck);
  }

  return () => {
    stopped = true;
    cancelPoll();
    cancelRecheck();
  };
}
