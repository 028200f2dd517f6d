// Starts a worker on behalf of `solo` and `worker`; what is wrong with its data directory becomes a
// message for people.
import type { Worker, WorkerOptions } from "@leapmux/worker/context.ts";
import { CommandError } from "./command-error.ts";

export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { createWorker } = await import("@leapmux/worker/context.ts");
  const { StateError } = await import("@leapmux/worker/store/state-error.ts");
  try {
    return await createWorker(options);
  } catch (error) {
    if (error instanceof StateError) {
      throw new CommandError("failure", error.message, undefined, error);
    }
    throw error;
  }
}
