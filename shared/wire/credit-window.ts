import { messageOverheadBytes, startCreditBytes } from "../limits/limits.ts";

/** What one message of a stream costs of its credit (protocol §5.6). */
function creditCost(dataBytes: number): number {
  return dataBytes + messageOverheadBytes;
}

export interface SendCredit {
  /** True while one more message may be sent, whatever its size: the balance may go below zero. */
  readonly available: boolean;
  /** Resolves when credit is available, or when `end` was called. */
  wait(): Promise<void>;
  spend(dataBytes: number): void;
  /** False for a grant that no honest receiver gives: more than was ever spent. */
  grant(bytes: number): boolean;
  /** The stream is over: nobody waits any longer. */
  end(): void;
}

/** The producer's side of one stream direction. It stops at its source while there is no credit. */
export function makeSendCredit(): SendCredit {
  let balance = startCreditBytes;
  let ended = false;
  let waiting: (() => void)[] = [];

  function wake(): void {
    const woken = waiting;
    waiting = [];
    for (const resume of woken) resume();
  }

  return {
    get available() {
      return balance > 0;
    },
    wait() {
      if (balance > 0 || ended) return Promise.resolve();
      return new Promise((resolve) => waiting.push(resolve));
    },
    spend(dataBytes) {
      balance -= creditCost(dataBytes);
    },
    grant(bytes) {
      balance += bytes;
      if (balance > startCreditBytes) return false;
      if (balance > 0) wake();
      return true;
    },
    end() {
      ended = true;
      wake();
    },
  };
}

export interface ReceiveCredit {
  /** False when the producer had no credit left: a protocol violation. */
  receive(dataBytes: number): boolean;
  /** The consumer took a message: bytes to grant now, mostly 0. Grants come in halves of the window. */
  consume(dataBytes: number): number;
}

/** The consumer's side of one stream direction. */
export function makeReceiveCredit(): ReceiveCredit {
  let balance = startCreditBytes;
  let consumed = 0;
  return {
    receive(dataBytes) {
      if (balance <= 0) return false;
      balance -= creditCost(dataBytes);
      return true;
    },
    consume(dataBytes) {
      consumed += creditCost(dataBytes);
      if (consumed < startCreditBytes / 2) return 0;
      const granted = consumed;
      balance += granted;
      consumed = 0;
      return granted;
    },
  };
}
