/**
 * Messages of one stream direction between the pipe that delivers them and the handler or caller that
 * reads them. Bounded by the credit window: `onConsume` is where the consumer's reading becomes credit.
 */
export interface MessageQueue<T> extends AsyncIterable<T> {
  push(message: T, dataBytes: number): void;
  /** No more will come: the reader gets what is there, then the end or this error. */
  finish(error?: unknown): void;
  /** The reader gets this error next; what is there is dropped. */
  fail(error: unknown): void;
}

interface Entry<T> {
  readonly message: T;
  readonly dataBytes: number;
}

interface Waiter<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: unknown): void;
}

export function makeMessageQueue<T>(options: {
  readonly onConsume: (dataBytes: number) => void;
  /** The reader left before the end. */
  readonly onReturn: () => void;
}): MessageQueue<T> {
  const { onConsume, onReturn } = options;
  let entries: Entry<T>[] = [];
  let head = 0;
  let waiters: Waiter<T>[] = [];
  let over = false;
  let failure: { readonly error: unknown } | null = null;

  function take(): Entry<T> | undefined {
    const entry = entries[head];
    if (!entry) return undefined;
    head += 1;
    if (head >= 64 || head === entries.length) {
      entries = entries.slice(head);
      head = 0;
    }
    return entry;
  }

  function end(): void {
    over = true;
    const settled = waiters;
    waiters = [];
    for (const waiter of settled) {
      if (failure) waiter.reject(failure.error);
      else waiter.resolve({ done: true, value: undefined });
    }
  }

  const iterator: AsyncIterator<T, undefined> = {
    next() {
      const entry = take();
      if (entry) {
        onConsume(entry.dataBytes);
        return Promise.resolve({ done: false, value: entry.message });
      }
      if (failure) return Promise.reject(failure.error);
      if (over) return Promise.resolve({ done: true, value: undefined });
      return new Promise((resolve, reject) => waiters.push({ resolve, reject }));
    },
    return() {
      const wasOpen = !over;
      entries = [];
      head = 0;
      failure = null;
      end();
      if (wasOpen) onReturn();
      return Promise.resolve({ done: true, value: undefined });
    },
  };

  return {
    [Symbol.asyncIterator]: () => iterator,
    push(message, dataBytes) {
      if (over) return;
      const waiter = waiters.shift();
      if (!waiter) {
        entries.push({ message, dataBytes });
        return;
      }
      onConsume(dataBytes);
      waiter.resolve({ done: false, value: message });
    },
    finish(error) {
      if (over) return;
      if (error !== undefined) failure = { error };
      end();
    },
    fail(error) {
      if (over) return;
      entries = [];
      head = 0;
      failure = { error };
      end();
    },
  };
}
