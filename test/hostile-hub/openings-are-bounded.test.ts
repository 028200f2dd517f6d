/**
 * Openings cost the worker a signature each. Duplicate ids, quotas and rates are refused before that:
 * message 1 is garbage in all of them, so a `handshake_failed` would show that cryptography came first.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { nodeRandom } from "@leapmux/native/node-platform.ts";
import { cleanupAfterFile, cleanupAfterTest } from "../harness/cleanup.ts";
import { startSystem, type System } from "../harness/start-system.ts";
import {
  connectClient,
  encodeMode,
  makeChannelId,
  reasonOf,
  type TestClient,
} from "../harness/test-client.ts";
import { until } from "../harness/until.ts";

const cleanup = cleanupAfterFile();

const garbage = () => nodeRandom(1616);

async function tryToOpen(
  client: TestClient,
  workerId: string,
  knobs: { channelId?: string; message1?: Uint8Array; userId?: string } = {},
): Promise<string> {
  try {
    await client.channels.openChannel({
      workerId,
      channelId: knobs.channelId ?? makeChannelId(),
      linkId: client.link.linkId,
      encryptionMode: encodeMode("post-quantum"),
      message1: knobs.message1 ?? garbage(),
    });
    return "opened";
  } catch (error) {
    return reasonOf(error);
  }
}

function orders(system: System): number {
  return system.workerLink.seen.down.filter(({ body }) => body.case === "openChannel").length;
}

describe("at the hub", () => {
  test("an id that is open already", async () => {
    const own = cleanupAfterTest();
    const system = await startSystem(own);
    const client = await connectClient(own, system.url);
    const { channelId } = await client.channel();
    const before = orders(system);
    const other = await connectClient(own, system.url);
    expect(await tryToOpen(client, system.workerId, { channelId })).toBe("channel_exists");
    expect(await tryToOpen(other, system.workerId, { channelId })).toBe("channel_exists");
    expect(orders(system)).toBe(before);
  });

  test("an id that is just being opened", async () => {
    const own = cleanupAfterTest();
    const system = await startSystem(own);
    const client = await connectClient(own, system.url);
    // Sixteen at once with one id: one wins.
    const channelId = makeChannelId();
    const results = await Promise.all(
      Array.from({ length: 16 }, () => client.openChannel({ channelId })),
    );
    expect(results.filter(({ ok }) => ok).length).toBeLessThanOrEqual(1);
    const reasons = results.flatMap((result) => (result.ok ? [] : [result.reason]));
    expect(reasons.filter((reason) => reason === "channel_exists")).toHaveLength(15);
    expect(orders(system)).toBe(1);
  });

  test("more channels than a client may have", async () => {
    const own = cleanupAfterTest();
    const system = await startSystem(own, { limits: { maxChannelsPerClient: 3 } });
    const client = await connectClient(own, system.url);
    const channels = [await client.channel(), await client.channel(), await client.channel()];
    expect(await tryToOpen(client, system.workerId)).toBe("too_many_channels");
    expect(orders(system)).toBe(3);
    // Another client has its own quota, and one that closes has room again.
    expect((await (await connectClient(own, system.url)).openChannel()).ok).toBe(true);
    channels[0]?.close();
    await until(async () => (await client.openChannel()).ok, "room again");
  });

  test("more openings than a minute allows", async () => {
    const own = cleanupAfterTest();
    const limits = { openingBurst: 5, openingsPerMinute: 1 };
    const system = await startSystem(own, { limits });
    const client = await connectClient(own, system.url);
    for (let opening = 0; opening < 5; opening += 1) {
      expect(await tryToOpen(client, system.workerId)).toBe("handshake_failed");
    }
    const before = orders(system);
    const results = await Promise.all(
      Array.from({ length: 50 }, () => tryToOpen(client, system.workerId)),
    );
    expect(new Set(results)).toEqual(new Set(["rate_limited"]));
    expect(orders(system)).toBe(before);
  });

  test("a worker that is offline or unknown", async () => {
    const own = cleanupAfterTest();
    const system = await startSystem(own);
    const client = await connectClient(own, system.url);
    await client.onlineWorkerId();
    expect(await tryToOpen(client, "wrk_nobody")).toBe("worker_offline");
    await system.worker.stop();
    await until(
      async () => (await tryToOpen(client, system.workerId)) === "worker_offline",
      "the hub to notice",
    );
  });
});

describe("at the worker, whatever the hub lets pass", () => {
  let system: System;
  let client: TestClient;
  beforeAll(async () => {
    system = await startSystem(cleanup, {
      workerLimits: { maxChannelsPerUser: 3, openingsPerMinutePerUser: 30 },
    });
    client = await connectClient(cleanup, system.url);
    await client.onlineWorkerId();
  });

  async function order(channelId: string, message1: Uint8Array, userId = "solo"): Promise<string> {
    const from = system.workerLink.seen.up.length;
    system.workerLink.injectDown({
      case: "openChannel",
      value: { channelId, userId, encryptionMode: 2, message1 },
    });
    const answer = await until(
      () =>
        system.workerLink.seen.up
          .slice(from)
          .map(({ body }) => (body.case === "openChannelAnswer" ? body.value : undefined))
          .find((value) => value?.channelId === channelId),
      "the worker's answer",
    );
    return answer.refusal;
  }

  test("a duplicate id, an over-quota opening and an empty user", async () => {
    const channel = await client.channel();
    expect(await order(channel.channelId, garbage())).toBe("channel_exists");
    await client.channel();
    await client.channel();
    expect(await order(makeChannelId(), garbage())).toBe("too_many_channels");
    expect(await order(makeChannelId(), garbage(), "")).not.toBe("");
    // Another user has room of their own.
    expect(await order(makeChannelId(), garbage(), "somebody")).toBe("handshake_failed");
    expect(channel.closeReason()).toBeUndefined();
  });

  test("a flood of openings is refused by rate, and others still get their turn", async () => {
    const reasons = new Set<string>();
    for (let opening = 0; opening < 100; opening += 1) {
      reasons.add(await order(makeChannelId(), garbage(), "flooder"));
    }
    expect(reasons).toEqual(new Set(["handshake_failed", "rate_limited"]));
    expect(await order(makeChannelId(), garbage(), "neighbour")).toBe("handshake_failed");
  });
});
