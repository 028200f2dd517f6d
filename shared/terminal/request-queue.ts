/** Requests of one attachment, from whoever has something to say to the one stream that sends them. */
export interface RequestQueue<Request> extends AsyncIterable<Request> {
  push(request: Request): void;
  /** No more requests: the stream half-closes. */
  end(): void;
}

/** Bounded by what feeds it: unconfirmed input and a size that replaces the one before. */
export function makeRequestQueue<Request>(): RequestQueue<Request> {
  const waiting: Request[] = [];
  let ended = false;
  let wake = () => {};
  return {
    push(request) {
      if (ended) return;
      waiting.push(request);
      wake();
    },
    end() {
      ended = true;
      wake();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const next = waiting.shift();
        if (next !== undefined) {
          yield next;
        } else if (ended) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    },
  };
}
