/**
 * What somebody made and must unmake, undone in reverse order. Every maker of the harness takes one, so
 * that no process, socket or directory outlives its test.
 */
export interface Cleanup {
  /** Runs `undo` at the end; what was added last runs first. */
  add(undo: () => void | Promise<void>): void;
  run(): Promise<void>;
}

export function makeCleanup(): Cleanup {
  const undos: (() => void | Promise<void>)[] = [];
  return {
    add: (undo) => void undos.push(undo),
    async run() {
      const failures: unknown[] = [];
      for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) {
        try {
          await undo();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, "cleaning up failed");
    },
  };
}
