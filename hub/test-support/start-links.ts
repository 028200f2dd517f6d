import { createRouterTransport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterEach } from "vitest";
import type { Hub } from "../context.ts";
import type { HubOptions } from "../hub-options.ts";
import { dialAsClient, type FakeClient } from "./fake-client.ts";
import { dialAsWorker, trustFakeWorker, type FakeWorker } from "./fake-worker.ts";
import { startHub } from "./start-hub.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export function cleanUp(run: () => unknown): void {
  cleanups.push(run);
}

/** A hub for one test. */
export async function startTestHub(
  options: Partial<HubOptions> = {},
): Promise<{ hub: Hub; url: string; dataDir: string; log: string[] }> {
  const started = await startHub(options);
  cleanUp(started.stop);
  return started;
}

/** A hub with one worker and one client on it. */
export async function startLinks(
  options: Partial<HubOptions> & { over?: "grpc" | "router"; reads?: boolean } = {},
): Promise<{ hub: Hub; url: string; log: string[]; client: FakeClient; worker: FakeWorker }> {
  const { over = "grpc", reads = true, ...hubOptions } = options;
  const { hub, url, log } = await startTestHub(hubOptions);
  await trustFakeWorker(hub);
  const transport =
    over === "grpc" ? createGrpcTransport({ baseUrl: url }) : createRouterTransport(hub.routes);
  const worker = await dialAsWorker(transport, { reads });
  cleanUp(() => worker.hangUp());
  if (reads) await worker.inbox.find((message) => message.body.case === "welcome");
  const client = await dialAsClient(url);
  cleanUp(() => client.socket.terminate());
  return { hub, url, log, client, worker };
}
