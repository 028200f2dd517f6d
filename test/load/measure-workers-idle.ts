/**
 * `workers_idle`: what the link of a worker on which nothing happens costs the hub, and how long it takes until
 * all are back after the hub was stopped and started again at the same place.
 */
import { setTimeout as wait } from "node:timers/promises";
import { makeHubTransport } from "@leapmux/worker/link/dial-hub.ts";
import { makeCleanup } from "../harness/cleanup.ts";
import { startLightWorker, type LightWorker } from "../harness/light-worker.ts";
import { residentBytes } from "../harness/processes.ts";
import { startBenchHub } from "./bench-parts.ts";
import { elapsedMs, percentile, round } from "./summarise.ts";

const count = 1_000;
const firstOnes = 50;

export async function measureWorkersIdle(): Promise<Record<string, Record<string, number>>> {
  const cleanup = makeCleanup();
  try {
    const hub = await startBenchHub(cleanup);
    const { url, directory } = hub;
    const workers: LightWorker[] = [];
    const backAtMs: number[] = [];
    let startMs = 0;
    const startMore = async (more: number): Promise<void> => {
      for (let number = 0; number < more; number += 1) {
        const registrationKey = await hub.mintKey();
        const transport = makeHubTransport(url);
        const onState = (state: string): void => {
          if (startMs > 0 && state === "online") backAtMs.push(elapsedMs(startMs));
        };
        workers.push(await startLightWorker(cleanup, { transport, registrationKey, onState }));
      }
      while (workers.some((worker) => worker.state() !== "online")) await wait(20);
    };
    // The first ones pay for code and buffers that all share.
    await startMore(firstOnes);
    const before = await measureMemory();
    await startMore(count);
    const after = await measureMemory();

    startMs = performance.now();
    await hub.process.ask("stop");
    const stoppedMs = elapsedMs(startMs);
    await startBenchHub(cleanup, { directory, port: Number(new URL(url).port) });
    const servesMs = elapsedMs(startMs);
    while (backAtMs.length < workers.length) await wait(10);
    const tries = workers.map(({ dialledAtMs }) => dialledAtMs.length - 1);
    return {
      workers_idle: {
        links: count,
        kib: round((after.held - before.held) / 1024 / count),
        resident_kib: round((after.resident - before.resident) / 1024 / count),
      },
      reconnect_s: {
        all: round(Math.max(...backAtMs) / 1000),
        p50: round(percentile(backAtMs, 0.5) / 1000),
        hub_down: round((servesMs - stoppedMs) / 1000),
        after_hub_served: round((Math.max(...backAtMs) - servesMs) / 1000),
        most_tries: Math.max(...tries),
      },
    };

    async function measureMemory(): Promise<{ held: number; resident: number }> {
      const held = Number(await hub.process.ask("memory"));
      return { held, resident: (await residentBytes(hub.process.pid)) ?? 0 };
    }
  } finally {
    await cleanup.run();
  }
}
