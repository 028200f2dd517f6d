// SIGTERM, SIGINT and SIGHUP ask to stop: the first one gracefully and within a budget, a second at once.
import type { Output } from "./output.ts";

const stopBudgetMs = 10_000;
/** npm hands on the Ctrl-C that the terminal has already sent to everybody: those two are one. */
const sameSignalWithinMs = 500;

export interface StopRequest {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Resolves with the first signal. */
  readonly asked: Promise<void>;
  /** As shells say it of a program that the signal ended: 128 and its number; 0 as long as none came. */
  exitCode(): number;
  /** Runs the steps of a graceful stop one after the other; the exit code: 0, or 1 when time ran out. */
  finish(steps: (() => Promise<void> | void)[]): Promise<number>;
}

export function listenForStop(output: Output): StopRequest {
  const controller = new AbortController();
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  let firstAtMs: number | undefined;
  let exitCode = 0;
  for (const [name, number] of [
    ["SIGINT", 2],
    ["SIGTERM", 15],
    ["SIGHUP", 1],
  ] as const) {
    process.on(name, () => {
      const nowMs = performance.now();
      if (firstAtMs === undefined) {
        firstAtMs = nowMs;
        exitCode = 128 + number;
        controller.abort();
        resolve();
      } else if (nowMs - firstAtMs > sameSignalWithinMs) {
        process.exit(128 + number);
      }
    });
  }
  return {
    signal: controller.signal,
    asked,
    exitCode: () => exitCode,
    async finish(steps) {
      if (controller.signal.aborted) output.progress("Stopping …");
      const timeout = new Promise<"late">((late) => {
        setTimeout(late, stopBudgetMs - 500, "late");
      });
      const done = (async () => {
        for (const step of steps) await step();
      })();
      if ((await Promise.race([done, timeout])) === "late") {
        output.warn("not everything ended in time; stopped all the same");
        return 1;
      }
      output.progress("");
      return 0;
    },
  };
}
