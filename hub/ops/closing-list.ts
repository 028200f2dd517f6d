/**
 * What was opened and has to be closed, the last one first. Whatever fails, while it opens or while it closes,
 * keeps none of the others open.
 */
export interface ClosingList {
  add(close: () => unknown): void;
  /** Throws, when all are through, what the first one that failed threw. */
  run(): Promise<void>;
}

export function makeClosingList(): ClosingList {
  const closes: (() => unknown)[] = [];
  return {
    add: (close) => void closes.push(close),
    async run() {
      const failures: unknown[] = [];
      for (let close = closes.pop(); close !== undefined; close = closes.pop()) {
        try {
          await close();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** Opens all or nothing: where `open` fails, what it had opened is closed again. */
export async function openWhole<T>(open: (closing: ClosingList) => Promise<T>): Promise<T> {
  const closing = makeClosingList();
  try {
    return await open(closing);
  } catch (error) {
    // Why it did not open is what helps.
    await closing.run().catch(() => undefined);
    throw error;
  }
}
