import type { Clock } from "@leapmux/shared/platform/platform.ts";

const minuteMs = 60_000;
/** Users that are remembered; beyond, the one that asked longest ago is forgotten. */
const maxUsers = 1024;

/** At most so many openings per user and minute, refilled steadily. */
export interface OpeningRate {
  take(userId: string): boolean;
}

export function makeOpeningRate(options: {
  readonly clock: Clock;
  readonly openingsPerMinutePerUser: number;
}): OpeningRate {
  const { clock, openingsPerMinutePerUser: most } = options;
  const users = new Map<string, { left: number; atMs: number }>();

  return {
    take(userId) {
      const nowMs = clock.now();
      const known = users.get(userId) ?? { left: most, atMs: nowMs };
      const left = Math.min(most, known.left + ((nowMs - known.atMs) * most) / minuteMs);
      users.delete(userId);
      users.set(userId, { left: left >= 1 ? left - 1 : left, atMs: nowMs });
      if (users.size > maxUsers) {
        const [oldest] = users.keys();
        if (oldest !== undefined) users.delete(oldest);
      }
      return left >= 1;
    },
  };
}
