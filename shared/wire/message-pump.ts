import type { SendCredit } from "./credit-window.ts";

export interface MessagePump {
  /** Settles when the source is through or stopped; rejects with what the source or `send` throws. */
  run(): Promise<"finished" | "stopped">;
  /** The stream is over: the source is told and what it still gives is dropped. */
  stop(): void;
}

/**
 * Moves the messages of a producer into a stream, one at a time. The source is never asked for a message
 * while there is no credit: that is how a PTY pauses (protocol §5.6).
 */
export function makeMessagePump<T>(options: {
  readonly source: AsyncIterable<T>;
  readonly credit: SendCredit;
  /** Sends and spends the credit. */
  readonly send: (message: T) => void;
}): MessagePump {
  const { credit, send } = options;
  let iterator: AsyncIterator<T> | null = null;
  let stopped = false;
  let returned: Promise<unknown> | undefined;

  /** Lets the source clean up, once; what it throws then interests nobody. */
  function leave(): Promise<unknown> {
    returned ??= Promise.resolve(iterator?.return?.()).catch(() => undefined);
    return returned;
  }

  async function move(from: AsyncIterator<T>): Promise<"finished" | "stopped"> {
    while (!stopped) {
      if (!credit.available) await credit.wait();
      if (stopped) break;
      const result = await from.next();
      if (stopped) break;
      if (result.done) return "finished";
      try {
        send(result.value);
      } catch (error) {
        await leave();
        throw error;
      }
    }
    await leave();
    return "stopped";
  }

  return {
    async run() {
      if (stopped) return "stopped";
      iterator = options.source[Symbol.asyncIterator]();
      try {
        return await move(iterator);
      } catch (error) {
        if (stopped) return "stopped";
        throw error;
      }
    },
    stop() {
      if (stopped) return;
      stopped = true;
      credit.end();
      if (iterator) void leave();
    },
  };
}
