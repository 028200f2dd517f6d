/** Cleanups that run by themselves, after the test or the file. */
import { afterAll, onTestFinished } from "vitest";
import { makeCleanup, type Cleanup } from "./make-cleanup.ts";

export { makeCleanup, type Cleanup };

/** For what all tests of a file share; call at the top of the file. */
export function cleanupAfterFile(): Cleanup {
  const cleanup = makeCleanup();
  afterAll(() => cleanup.run());
  return cleanup;
}

/** For what one test uses; call inside the test. */
export function cleanupAfterTest(): Cleanup {
  const cleanup = makeCleanup();
  onTestFinished(() => cleanup.run());
  return cleanup;
}
