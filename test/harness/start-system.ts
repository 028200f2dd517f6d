/**
 * Hub and worker as in solo, in this process, but linked over a real port with a man in the middle who
 * does nothing until a test asks for it.
 */
import { join } from "node:path";
import { createWorker, type Worker } from "@leapmux/worker/context.ts";
import type { WorkerLimits } from "@leapmux/worker/config/worker-limits.ts";
import { makeHubTransport } from "@leapmux/worker/link/dial-hub.ts";
import type { EncryptionMode } from "@leapmux/shared/noise/primitives.ts";
import type { Clock } from "@leapmux/shared/platform/platform.ts";
import type { Cleanup } from "./make-cleanup.ts";
import { makeHostileWorkerLink, type HostileWorkerLink } from "./hostile-worker-link.ts";
import { until } from "./until.ts";
import { startHub, type HubOptions, type StartedHub } from "./start-hub.ts";

export interface System extends StartedHub {
  readonly worker: Worker;
  readonly workerId: string;
  readonly workerLink: HostileWorkerLink;
}

export interface SystemOptions extends HubOptions {
  readonly mode?: EncryptionMode;
  readonly workerLimits?: Partial<WorkerLimits>;
  /** The hub has no keys that age, and lives in real time. */
  readonly workerClock?: Clock;
}

/** Tests open more channels in a minute than people do; those about rates set their own. */
const unhurried: Partial<WorkerLimits> = { openingsPerMinutePerUser: 10_000 };

export async function startSystem(cleanup: Cleanup, options: SystemOptions = {}): Promise<System> {
  const { mode = "post-quantum", workerLimits, workerClock, ...hubOptions } = options;
  const started = await startHub(cleanup, hubOptions);
  const workerLink = makeHostileWorkerLink(makeHubTransport(started.url));
  const worker = await createWorker({
    dataDir: join(started.directory, "worker"),
    transport: workerLink.transport,
    name: "test worker",
    mode,
    clientAuth: "hub",
    logger: started.logger,
    limits: { ...unhurried, ...workerLimits },
    clock: workerClock,
  });
  cleanup.add(() => worker.stop());
  const { workerId, workerToken, compositePublicKey } = worker.identity;
  if (workerToken === null) throw new Error("a bundled worker makes its own token");
  await started.hub.trustBundledWorker({
    workerId,
    workerToken,
    compositePublicKey,
    mode,
    name: "test worker",
  });
  worker.start();
  return { ...started, worker, workerId, workerLink };
}

/** A second worker on the same hub, with an identity of its own. */
export async function startFurtherWorker(
  cleanup: Cleanup,
  { hub, url, directory, logger }: System,
  mode: EncryptionMode,
  /** Whose it is; by default the first admin's. */
  userId?: string,
): Promise<Worker> {
  const worker = await createWorker({
    dataDir: join(directory, "further-worker"),
    transport: makeHubTransport(url),
    name: "further worker",
    mode,
    clientAuth: "hub",
    bundled: false,
    logger,
  });
  cleanup.add(() => worker.stop());
  const { key: registrationKey } = await hub.mintRegistrationKey(userId);
  await worker.register({ registrationKey, secret: null });
  worker.start();
  await until(() => worker.state() === "online", "the further worker online");
  return worker;
}
