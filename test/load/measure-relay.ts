/**
 * `relay_bulk` and `relay_small`: frames from worker to client through the real hub, beside the same bytes
 * through the plain relay. The receiver grants a window, as the protocol's credit does.
 */
import { randomBytes } from "node:crypto";
import type { Frame } from "@leapmux/shared/envelope/frame.ts";
import { makeCleanup } from "../harness/cleanup.ts";
import { connectRawPeers } from "./raw-peers.ts";
import { connectRelayPeers } from "./relay-peers.ts";
import { elapsedMs, mibPerSecond, round } from "./summarise.ts";

const bulkBytes = 65_535;
const smallBytes = 200;
const windowBytes = 4 * 1024 * 1024;

interface Flow {
  /** Sends `count` messages at once, as one burst. */
  send(count: number): void;
  onReceived(received: (count: number) => void): void;
}

export async function measureRelay(): Promise<Record<string, Record<string, number>>> {
  const cleanup = makeCleanup();
  try {
    const peers = await connectRelayPeers(cleanup);
    const { link, channelIds } = await peers.openLink(1);
    const channelId = channelIds[0] ?? "";
    let received: (count: number) => void = () => undefined;
    link.onFrames(channelId, () => received(1));
    const relayed = (bytes: number): Flow => {
      const frame: Frame = {
        channelId,
        correlationId: 1n,
        flags: 0,
        ciphertext: randomBytes(bytes),
      };
      return {
        send: (count) => peers.worker.send(Array.from({ length: count }, () => frame)),
        onReceived: (listener) => void (received = listener),
      };
    };
    const raw = await connectRawPeers(cleanup);
    let rawReceived: (count: number) => void = () => undefined;
    raw.left.on("message", () => rawReceived(1));
    const plain = (bytes: number): Flow => {
      const message = randomBytes(bytes);
      return {
        send: (count) => {
          for (let index = 0; index < count; index += 1) raw.right.send(message);
        },
        onReceived: (listener) => void (rawReceived = listener),
      };
    };

    const bulkCount = 4096;
    await run(relayed(bulkBytes), 512, bulkBytes);
    await run(plain(bulkBytes), 512, bulkBytes);
    const cpuBefore = await peers.hub.cpuSeconds();
    const bulkMs = await run(relayed(bulkBytes), bulkCount, bulkBytes);
    const cpuS = (await peers.hub.cpuSeconds()) - cpuBefore;
    const rawBulkMs = await run(plain(bulkBytes), bulkCount, bulkBytes);
    const bulkTotal = bulkCount * bulkBytes;

    const smallCount = 300_000;
    await run(relayed(smallBytes), 20_000, smallBytes);
    await run(plain(smallBytes), 20_000, smallBytes);
    const smallMs = await run(relayed(smallBytes), smallCount, smallBytes);
    const rawSmallMs = await run(plain(smallBytes), smallCount, smallBytes);
    return {
      relay_bulk: {
        mib_s: round(mibPerSecond(bulkTotal, bulkMs)),
        raw_ws_mib_s: round(mibPerSecond(bulkTotal, rawBulkMs)),
        cpu_s_per_gib: round(cpuS / (bulkTotal / 1024 ** 3)),
      },
      relay_small: {
        frames_s: round(smallCount / (smallMs / 1000)),
        raw_ws_frames_s: round(smallCount / (rawSmallMs / 1000)),
      },
    };
  } finally {
    await cleanup.run();
  }
}

/** Keeps a window of messages under way until all arrived; milliseconds. */
function run(flow: Flow, total: number, bytes: number): Promise<number> {
  const window = Math.min(2048, Math.max(16, Math.floor(windowBytes / bytes)));
  const burst = Math.max(1, Math.floor(window / 16));
  return new Promise((resolve) => {
    const startMs = performance.now();
    let sent = 0;
    let arrived = 0;
    const fill = (): void => {
      while (sent < total && sent - arrived <= window - burst) {
        const count = Math.min(burst, total - sent);
        sent += count;
        flow.send(count);
      }
    };
    flow.onReceived((count) => {
      arrived += count;
      if (arrived === total) resolve(elapsedMs(startMs));
      else fill();
    });
    fill();
  });
}
