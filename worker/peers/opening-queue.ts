/**
 * Openings that wait for the signer. Users take turns, whoever asks most; a few run at once and the
 * rest is bounded, so that a flood of openings costs its sender the wait and nobody else.
 */
export interface OpeningQueue {
  /** False when the queue, or this user's share of it, is full. */
  add(userId: string, run: () => Promise<void>): boolean;
  /** Forgets what waits; what runs is not stopped. */
  clear(): void;
  readonly waiting: number;
}

export function makeOpeningQueue(limits: {
  readonly maxSignings: number;
  readonly maxQueuedOpenings: number;
  readonly maxQueuedOpeningsPerUser: number;
}): OpeningQueue {
  /** In the order of turns: a user who had one goes to the end. */
  const users = new Map<string, (() => Promise<void>)[]>();
  let waiting = 0;
  let running = 0;

  function next(): (() => Promise<void>) | undefined {
    for (const [userId, runs] of users) {
      const run = runs.shift();
      users.delete(userId);
      if (runs.length > 0) users.set(userId, runs);
      if (run) return run;
    }
    return undefined;
  }

  function advance(): void {
    while (running < limits.maxSignings) {
      const run = next();
      if (!run) return;
      waiting -= 1;
      running += 1;
      void run().finally(() => {
        running -= 1;
        advance();
      });
    }
  }

  return {
    add(userId, run) {
      const own = users.get(userId) ?? [];
      if (own.length >= limits.maxQueuedOpeningsPerUser) return false;
      if (waiting >= limits.maxQueuedOpenings) return false;
      own.push(run);
      users.set(userId, own);
      waiting += 1;
      advance();
      return true;
    },
    clear() {
      users.clear();
      waiting = 0;
    },
    get waiting() {
      return waiting;
    },
  };
}
