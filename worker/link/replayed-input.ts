/**
 * What one caller sends, for more than one attempt to send it: each attempt begins with everything that the
 * ones before took. `settle` says that the present attempt is the last, so that nothing needs to be kept.
 */
export interface ReplayedInput<T> {
  attempt(): AsyncIterable<T>;
  settle(): void;
}

export function makeReplayedInput<T>(input: AsyncIterable<T>): ReplayedInput<T> {
  const source = input[Symbol.asyncIterator]();
  const taken: T[] = [];
  let isEnded = false;
  let isSettled = false;
  let pulling: Promise<void> | null = null;
  let current = 0;

  function pull(): Promise<void> {
    pulling ??= source
      .next()
      .then((result) => {
        if (result.done === true) isEnded = true;
        else taken.push(result.value);
      })
      .finally(() => (pulling = null));
    return pulling;
  }

  return {
    async *attempt() {
      const own = (current += 1);
      let at = 0;
      // One that was given up must not take what belongs to the next.
      while (own === current) {
        const item = taken[at];
        if (item !== undefined) {
          if (isSettled) taken.splice(0, at + 1);
          at = isSettled ? 0 : at + 1;
          yield item;
        } else if (isEnded) {
          return;
        } else {
          await pull();
        }
      }
    },
    settle() {
      isSettled = true;
    },
  };
}
