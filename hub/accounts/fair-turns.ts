/**
 * Turns at something slow, shared out fairly. Every caller's waiting works are numbered on from the turn that
 * began last, and the lowest number is next: so the first of a newcomer goes before the tenth of whoever
 * floods. Where there is no more room, a lower number pushes the highest one out.
 *
 * Strangers are one class, counted by their network, people of the hub another, counted by their account. Each
 * class has a room of its own, and while both wait every second turn is that of the accounts.
 */
export interface FairTurns {
  /** Rejects with `NoTurnError`, and `work` was not begun, when there is no room. */
  run<T>(caller: TurnCaller, work: () => Promise<T>): Promise<T>;
}

export interface TurnCaller {
  readonly kind: "network" | "account";
  readonly key: string;
}

export interface TurnRoom {
  /** Of all callers of the class together, and of one of them. */
  readonly maxQueued: number;
  readonly maxQueuedPerCaller: number;
}

export class NoTurnError extends Error {
  override readonly name = "NoTurnError";
}

interface Waiting {
  readonly key: string;
  readonly number: number;
  begin(): void;
  giveUp(): void;
}

export function makeFairTurns(limits: {
  readonly maxConcurrent: number;
  readonly networks: TurnRoom;
  readonly accounts: TurnRoom;
}): FairTurns {
  const classes = { network: makeClass(limits.networks), account: makeClass(limits.accounts) };
  let running = 0;
  let isAccountNext = true;

  function takeNext(): Waiting | undefined {
    const [first, second] = isAccountNext
      ? [classes.account, classes.network]
      : [classes.network, classes.account];
    isAccountNext = !isAccountNext;
    return first.take() ?? second.take();
  }

  return {
    async run({ kind, key }, work) {
      if (running < limits.maxConcurrent) running += 1;
      // The one that ends hands its place over, so that nobody can slip in between.
      else await classes[kind].wait(key);
      try {
        return await work();
      } finally {
        const next = takeNext();
        if (next === undefined) running -= 1;
        else next.begin();
      }
    },
  };
}

function makeClass({ maxQueued, maxQueuedPerCaller }: TurnRoom) {
  /** The lowest number first; of equal ones, who came first. */
  const queue: Waiting[] = [];
  let begun = 0;

  return {
    wait(key: string): Promise<void> {
      const own = queue.filter((waiting) => waiting.key === key);
      if (own.length >= maxQueuedPerCaller) return Promise.reject(new NoTurnError());
      const number = Math.max(begun, own.at(-1)?.number ?? 0) + 1;
      const last = queue.at(-1);
      if (queue.length >= maxQueued) {
        if (last === undefined || last.number <= number) return Promise.reject(new NoTurnError());
        queue.pop();
        last.giveUp();
      }
      return new Promise((resolve, reject) => {
        const place = queue.findIndex((waiting) => waiting.number > number);
        const giveUp = () => reject(new NoTurnError());
        queue.splice(place < 0 ? queue.length : place, 0, { key, number, begin: resolve, giveUp });
      });
    },

    take(): Waiting | undefined {
      const next = queue.shift();
      if (next !== undefined) begun = next.number;
      return next;
    },
  };
}
