/** Hub and worker as separate processes, the worker paired with the first admin's first device by its command. */
import { join } from "node:path";
import { type ClientDevice, makeClientDevice } from "./client-device.ts";
import { freePort } from "./free-port.ts";
import { setUpHub } from "./known-logins.ts";
import type { Cleanup } from "./make-cleanup.ts";
import { startLeapmux, untilReady, type LeapmuxProcess } from "./processes.ts";
import { openRegistrationDialog } from "./registration-dialog.ts";
import { makeTemporaryDirectory } from "./temporary-directory.ts";
import { connectClient, type TestClient } from "./test-client.ts";
import { until } from "./until.ts";

export interface PairedProcesses {
  readonly url: string;
  readonly directory: string;
  readonly hub: LeapmuxProcess;
  readonly client: TestClient;
  /** The root of every worker here. */
  readonly device: ClientDevice;
  readonly paired: PairedWorker;
}

export interface PairedWorker {
  readonly process: LeapmuxProcess;
  readonly workerId: string;
  readonly dataDir: string;
  /** As it told the hub. */
  readonly compositePublicKey: Uint8Array;
}

/** The hub serves no pages here. */
const noPages = ["--dev-frontend", "http://127.0.0.1:9"];

export async function startPairedProcesses(
  cleanup: Cleanup,
  { host = "127.0.0.1" }: { readonly host?: string } = {},
): Promise<PairedProcesses> {
  const directory = await makeTemporaryDirectory(cleanup);
  const address = `${host}:${await freePort()}`;
  const url = `http://${address}`;
  const dataDir = join(directory, "hub");
  const hub = startLeapmux(cleanup, [
    ...["hub", ...noPages, "--listen", address, "--data-dir", dataDir],
  ]);
  await untilReady(hub, url);
  await setUpHub(hub, url);
  const client = await connectClient(cleanup, url);
  const device = makeClientDevice(client.userId);
  const paired = await pairWorkerProcess(cleanup, client, device, join(directory, "worker"));
  return { url, directory, hub, client, device, paired };
}

export async function pairWorkerProcess(
  cleanup: Cleanup,
  client: TestClient,
  device: ClientDevice,
  dataDir: string,
  options: {
    /** Where the worker finds the hub, if that is not where clients do. */
    readonly hubUrl?: string;
    readonly args?: readonly string[];
    readonly wrap?: readonly string[];
  } = {},
): Promise<PairedWorker> {
  const dialog = await openRegistrationDialog(client);
  const process = startLeapmux(
    cleanup,
    [
      ...["worker", "--hub", options.hubUrl ?? client.url, "--data-dir", dataDir],
      ...(options.args ?? []),
    ],
    {
      env: { LEAPMUX_WORKER_REGISTRATION_KEY: dialog.key },
      ...(options.wrap === undefined ? {} : { wrap: options.wrap }),
    },
  );
  await dialog.answer(device);
  await until(() => {
    if (!process.isRunning()) throw new Error(`the worker ended:\n${process.stderr()}`);
    return process.stdout().includes("Paired with the device");
  }, "the worker's word of the pairing");
  const { workerId, compositePublicKey } = await dialog.registered();
  return { process, workerId, dataDir, compositePublicKey };
}
