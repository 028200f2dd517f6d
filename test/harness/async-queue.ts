/** What is pushed comes out of the iteration, in order; `end` ends it. One consumer. */
export interface AsyncQueue<T> extends AsyncIterable<T> {
  push(value: T): void;
  end(error?: Error): void;
}

export function makeAsyncQueue<T>(): AsyncQueue<T> {
  const values: T[] = [];
  let ended = false;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  return {
    push(value) {
      if (ended) return;
      values.push(value);
      wake?.();
    },
    end(error) {
      ended = true;
      failure = error;
      wake?.();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        while (values.length > 0) yield values.shift()!;
        if (ended) {
          if (failure !== undefined) throw failure;
          return;
        }
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
