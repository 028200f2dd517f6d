/** A queue that a test waits on: `next` gives what came, or what comes. */
export interface Inbox<T> extends AsyncIterable<T> {
  push(item: T): void;
  end(): void;
  next(): Promise<T>;
  /** Skips what does not match. */
  find<S extends T>(matches: (item: T) => item is S): Promise<S>;
  find(matches: (item: T) => boolean): Promise<T>;
  readonly size: number;
}

export function makeInbox<T>(): Inbox<T> {
  const items: T[] = [];
  const waiting: { resolve(result: IteratorResult<T, undefined>): void }[] = [];
  let isEnded = false;

  function take(): Promise<IteratorResult<T, undefined>> {
    if (items.length > 0) return Promise.resolve({ done: false, value: items.shift() as T });
    if (isEnded) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => waiting.push({ resolve }));
  }

  async function next(): Promise<T> {
    const taken = await take();
    if (taken.done === true) throw new Error("the inbox ended");
    return taken.value;
  }

  return {
    push(item) {
      const first = waiting.shift();
      if (first === undefined) items.push(item);
      else first.resolve({ done: false, value: item });
    },
    end() {
      isEnded = true;
      for (const { resolve } of waiting.splice(0)) resolve({ done: true, value: undefined });
    },
    next,
    async find(matches: (item: T) => boolean) {
      for (;;) {
        const item = await next();
        if (matches(item)) return item;
      }
    },
    get size() {
      return items.length;
    },
    async *[Symbol.asyncIterator]() {
      for (let taken = await take(); taken.done !== true; taken = await take()) yield taken.value;
    },
  } as Inbox<T>;
}
