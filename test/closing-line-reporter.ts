// Prints `N passed, N failed` alone on the very last line of a test run, for whoever reads the
// output with a program. Skipped tests are named only when there are any.
import type { Reporter, SerializedError, TestModule } from "vitest/node";

export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const counts = { passed: 0, failed: unhandled.length, skipped: 0 };
    for (const module of modules) {
      let own = 0;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "failed") own += 1;
        if (state === "passed" || state === "failed" || state === "skipped") counts[state] += 1;
        // A test that never finished proves nothing.
        else counts.failed += 1;
      }
      // A file that breaks outside of its tests has failed once, whatever it would have contained.
      if (!module.ok() && own === 0) counts.failed += 1;
    }
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
    // Other reporters may still print: the line waits for the end of the process.
    process.once("exit", () => {
      process.stdout.write(`${counts.passed} passed, ${counts.failed} failed${skipped}\n`);
    });
  }
}
