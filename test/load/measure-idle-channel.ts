/** `idle_channel`: what an open channel on which nothing happens costs the hub, links included. */
import { makeCleanup } from "../harness/cleanup.ts";
import { connectRelayPeers } from "./relay-peers.ts";
import { round } from "./summarise.ts";

const links = 16;
const channelsPerLink = 32;

export async function measureIdleChannel(): Promise<Record<string, Record<string, number>>> {
  const cleanup = makeCleanup();
  try {
    const peers = await connectRelayPeers(cleanup);
    // The first channels pay for code and buffers that all share.
    await peers.openLink(channelsPerLink);
    const before = Number(await peers.hub.ask("memory"));
    for (let index = 0; index < links; index += 1) await peers.openLink(channelsPerLink);
    const after = Number(await peers.hub.ask("memory"));
    const kib = (after - before) / 1024 / (links * channelsPerLink);
    return { idle_channel: { kib: round(kib), channels: links * channelsPerLink } };
  } finally {
    await cleanup.run();
  }
}
