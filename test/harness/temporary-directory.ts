import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cleanup } from "./make-cleanup.ts";

/** A fresh 0700 directory that goes away with the test. */
export async function makeTemporaryDirectory(cleanup: Cleanup, name = "leapmux"): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), `${name}-test-`));
  cleanup.add(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}
