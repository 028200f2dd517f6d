/** Hub and worker as separate processes: the first account made, the worker registered with a key of it. */
import { join } from "node:path";
import type { Cleanup } from "./make-cleanup.ts";
import { freePort } from "./free-port.ts";
import { makeRegistrationKey, setUpHub } from "./known-logins.ts";
import { startLeapmux, untilReady, type LeapmuxProcess, type ProcessOptions } from "./processes.ts";
import { startRecordingProxy, type RecordingProxy } from "./recording-proxy.ts";
import { makeTemporaryDirectory } from "./temporary-directory.ts";

export interface SeparateProcesses {
  readonly url: string;
  readonly port: number;
  readonly directory: string;
  readonly hubHost: string;
  /** With `recordWorkerWire`. */
  readonly workerWire: RecordingProxy | undefined;
  hub(): LeapmuxProcess;
  worker(): LeapmuxProcess;
  /** Again at the same place, after the former process ended. */
  startHub(): Promise<void>;
  startWorker(): Promise<void>;
}

export interface SeparateOptions {
  readonly hub?: ProcessOptions;
  readonly worker?: ProcessOptions;
  /** Writes down what passes between hub and worker. */
  readonly recordWorkerWire?: boolean;
}

export async function startProcesses(
  cleanup: Cleanup,
  options: SeparateOptions = {},
): Promise<SeparateProcesses> {
  const directory = await makeTemporaryDirectory(cleanup);
  const port = await freePort();
  // The hub answers to its own names and port only, so a proxy has to have them: then it is the hub that
  // listens on the other loopback address.
  const otherLoopback = process.platform === "linux" ? "127.0.0.2" : "::1";
  const hubHost = options.recordWorkerWire === true ? otherLoopback : "127.0.0.1";
  const hubAddress = hubHost.includes(":") ? `[${hubHost}]:${port}` : `${hubHost}:${port}`;
  const url = `http://${hubAddress}`;
  let workerWire: RecordingProxy | undefined;
  if (options.recordWorkerWire === true) {
    workerWire = await startRecordingProxy(cleanup, port, { port, targetHost: hubHost });
  }
  let hub!: LeapmuxProcess;
  let worker: LeapmuxProcess;
  let registrationKey: string | undefined;

  const startHub = async (): Promise<void> => {
    hub = startLeapmux(
      cleanup,
      ["hub", "--listen", hubAddress, "--data-dir", join(directory, "hub")],
      options.hub,
    );
    await untilReady(hub, url);
  };
  const startWorker = async (): Promise<void> => {
    const key = registrationKey;
    worker = startLeapmux(
      cleanup,
      [
        ...["worker", "--hub", `http://127.0.0.1:${port}`, "--data-dir", join(directory, "worker")],
        // Nobody pairs here: these journeys are about other things.
        ...["--client-auth", "hub"],
      ],
      {
        ...options.worker,
        env: {
          ...options.worker?.env,
          ...(key === undefined ? {} : { LEAPMUX_WORKER_REGISTRATION_KEY: key }),
        },
      },
    );
    registrationKey = undefined;
  };
  await startHub();
  registrationKey = await makeRegistrationKey(await setUpHub(hub, url));
  await startWorker();
  return {
    url,
    port,
    directory,
    hubHost,
    workerWire,
    hub: () => hub,
    worker: () => worker,
    startHub,
    startWorker,
  };
}

/** `leapmux solo` on a free port, ready. */
export async function startSolo(
  cleanup: Cleanup,
  options: ProcessOptions & { args?: readonly string[]; directory?: string; port?: number } = {},
): Promise<{ url: string; port: number; directory: string; process: LeapmuxProcess }> {
  const directory = options.directory ?? (await makeTemporaryDirectory(cleanup));
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const process_ = startLeapmux(
    cleanup,
    [
      "solo",
      "--listen",
      `127.0.0.1:${port}`,
      "--data-dir",
      directory,
      "--no-open",
      ...(options.args ?? []),
    ],
    options,
  );
  await untilReady(process_, url);
  return { url, port, directory, process: process_ };
}
