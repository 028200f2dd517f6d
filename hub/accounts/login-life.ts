import type { Logins } from "../store/logins.ts";

/** How long a login lives: it ends when it was idle for so long, and each use begins that time anew. */
export interface LoginLife {
  readonly idleMs: number;
  /** A use of it. Written at most once a minute; `seenAtMs` is what stands in the database. */
  touch(loginId: string, seenAtMs: number): Promise<void>;
}

/** Far below the least idle time (five minutes), so that nobody who is active is ever thrown out. */
export const touchEveryMs = 60_000;

export function makeLoginLife(parts: {
  readonly logins: Logins;
  /** Asked at each use. */
  readonly idleMs: number;
  readonly wallMs: () => number;
}): LoginLife {
  const { logins, wallMs } = parts;
  return {
    get idleMs() {
      return parts.idleMs;
    },
    async touch(loginId, seenAtMs) {
      const nowMs = wallMs();
      if (nowMs - seenAtMs < touchEveryMs) return;
      await logins.touch(loginId, nowMs, nowMs + parts.idleMs);
    },
  };
}
