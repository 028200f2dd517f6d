/**
 * `relay_many`: 100 channels of one worker that all have something to receive, each with a window of its own, on
 * two links. Fairness is what the slowest got over what the fastest got; beside it the same on one channel alone.
 */
import { randomBytes } from "node:crypto";
import { makeCleanup } from "../harness/cleanup.ts";
import { connectRelayPeers, type RelayPeers } from "./relay-peers.ts";
import { elapsedMs, mibPerSecond, round } from "./summarise.ts";

const links = 2;
const channelsPerLink = 50;
const frameBytes = 16 * 1024;
const totalFrames = 64_000;

export async function measureRelayMany(): Promise<Record<string, Record<string, number>>> {
  const cleanup = makeCleanup();
  try {
    const peers = await connectRelayPeers(cleanup);
    const opened = [await peers.openLink(channelsPerLink)];
    while (opened.length < links) opened.push(await peers.openLink(channelsPerLink));
    const alone = await peers.openLink(1);

    await run(peers, [alone], 256, totalFrames / 8);
    const one = await run(peers, [alone], 256, totalFrames / 2);
    await run(peers, opened, 4, totalFrames / 8);
    const many = await run(peers, opened, 4, totalFrames);
    // One of them asks for as much as all others together.
    const greedy = await run(peers, opened, 4, totalFrames, 400);
    const [, ...modest] = greedy.received;
    return {
      relay_many: {
        channels: links * channelsPerLink,
        mib_s: round(many.mibS),
        one_channel_mib_s: round(one.mibS),
        fairness: round(Math.min(...many.received) / Math.max(...many.received)),
        fairness_beside_greedy: round(Math.min(...modest) / Math.max(...modest)),
      },
    };
  } finally {
    await cleanup.run();
  }
}

type Opened = Awaited<ReturnType<RelayPeers["openLink"]>>;

/** Every channel keeps `window` frames under way, the first one `firstWindow`, until all together got `total`. */
function run(
  peers: RelayPeers,
  opened: readonly Opened[],
  window: number,
  total: number,
  firstWindow = window,
): Promise<{ readonly received: readonly number[]; readonly mibS: number }> {
  const channels = opened.flatMap(({ link, channelIds }) =>
    channelIds.map((channelId) => ({ link, channelId, received: 0 })),
  );
  const ciphertext = randomBytes(frameBytes);
  const frame = (channelId: string) => ({ channelId, correlationId: 1n, flags: 0, ciphertext });
  const startMs = performance.now();
  let arrived = 0;
  return new Promise((resolve) => {
    for (const channel of channels) {
      channel.link.onFrames(channel.channelId, () => {
        if (arrived >= total) return;
        channel.received += 1;
        arrived += 1;
        if (arrived < total) return peers.worker.send([frame(channel.channelId)]);
        const mibS = mibPerSecond(total * frameBytes, elapsedMs(startMs));
        resolve({ received: channels.map(({ received }) => received), mibS });
      });
    }
    channels.forEach(({ channelId }, index) => {
      // One by one: together they would be more than one message of a link may have.
      const count = index === 0 ? firstWindow : window;
      for (let sent = 0; sent < count; sent += 1) peers.worker.send([frame(channelId)]);
    });
  });
}
