/** Wrong sizes, bad points, altered bytes: refused by name, before any cryptography where a size says it. */
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { nodeRandom } from "@leapmux/native/node-platform.ts";
import { message1Bytes, message2Bytes, x25519KeyBytes } from "@leapmux/shared/limits/limits.ts";
import { cleanupAfterFile } from "../harness/cleanup.ts";
import { startHostileRelay, type HostileRelay } from "../harness/hostile-relay.ts";
import { lowOrderPoints } from "../harness/low-order-points.ts";
import { startSystem, type System } from "../harness/start-system.ts";
import { connectClient, makeChannelId, type TestClient } from "../harness/test-client.ts";
import { until } from "../harness/until.ts";

const cleanup = cleanupAfterFile();
const systems = new Map<string, { system: System; relay: HostileRelay; client: TestClient }>();
const modes = ["post-quantum", "classic"] as const;

beforeAll(async () => {
  for (const mode of modes) {
    const system = await startSystem(cleanup, { mode });
    const relay = await startHostileRelay(cleanup, system.url);
    const client = await connectClient(cleanup, relay.url);
    await client.onlineWorkerId();
    systems.set(mode, { system, relay, client });
  }
});
beforeEach(() => {
  for (const { relay } of systems.values()) {
    relay.hooks.openResponse = undefined;
    relay.hooks.openRequest = undefined;
  }
});

describe.each(modes)("%s", (mode) => {
  const parts = () => systems.get(mode)!;
  const right = message1Bytes[mode];
  const other = message1Bytes[mode === "classic" ? "post-quantum" : "classic"];

  test.each([0, 1, right - 1, right + 1, other, 4096, 60_000])(
    "message 1 of %i bytes stops at the hub",
    async (length) => {
      const { client, system } = parts();
      const ordersBefore = orders(system);
      const result = await client.openChannel({ changeMessage1: () => nodeRandom(length) });
      expect(result).toMatchObject({ ok: false, stage: "open", reason: "handshake_failed" });
      expect(orders(system)).toBe(ordersBefore);
    },
  );

  test("message 1 beyond any sense is not even read", async () => {
    const { client } = parts();
    const huge = new Uint8Array(8 * 1024 * 1024);
    expect((await client.openChannel({ changeMessage1: () => huge })).ok).toBe(false);
    expect((await client.openChannel()).ok).toBe(true);
  });

  test.each([0, 1, right - 1, right + 1, other])(
    "message 1 of %i bytes is refused by the worker itself",
    async (length) => {
      expect(await orderAtWorker(parts().system, mode, nodeRandom(length))).toBe(
        "handshake_failed",
      );
    },
  );

  test.each(lowOrderPoints)(
    "a low-order point as the client's ephemeral key: $name",
    async ({ point }) => {
      const { client } = parts();
      const result = await client.openChannel({
        changeMessage1: (message1) => {
          message1.set(point);
          return message1;
        },
      });
      expect(result).toMatchObject({ ok: false, stage: "open", reason: "handshake_failed" });
    },
  );

  test.each(lowOrderPoints)(
    "a low-order point as the worker's ephemeral key: $name",
    async ({ point }) => {
      const { client, relay } = parts();
      relay.hooks.openResponse = (response) => void response.message2.set(point);
      const result = await client.openChannel();
      expect(result).toMatchObject({ ok: false, stage: "handshake", reason: "handshake_failed" });
    },
  );

  test.each(lowOrderPoints)(
    "a low-order point as the worker's static key: $name",
    async ({ point }) => {
      const { client, relay } = parts();
      relay.hooks.handshakeParams = (params) => void params.compositePublicKey.set(point);
      const result = await client.openChannel();
      relay.hooks.handshakeParams = undefined;
      expect(result).toMatchObject({ ok: false, reason: "handshake_failed" });
    },
  );

  const length2 = message2Bytes[mode];
  test.each([0, 47, length2 - 1, length2 + 1, 65_000])(
    "message 2 of %i bytes is refused by the client",
    async (length) => {
      const { client } = parts();
      const result = await client.openChannel({ changeMessage2: () => nodeRandom(length) });
      expect(result).toMatchObject({ ok: false, stage: "handshake", reason: "handshake_failed" });
    },
  );

  test.each([0, 31, 32, 47, -1])("message 1 with byte %i altered", async (at) => {
    const { client } = parts();
    const result = await client.openChannel({ changeMessage1: (bytes) => altered(bytes, at) });
    // In the ML-KEM ciphertext only the transcript shows it, and that is the client's to check.
    expect(result).toMatchObject({ ok: false, reason: "handshake_failed" });
  });

  test.each([0, 31, 32, 47, -1])("message 2 with byte %i altered", async (at) => {
    const { client } = parts();
    const result = await client.openChannel({ changeMessage2: (bytes) => altered(bytes, at) });
    expect(result).toMatchObject({ ok: false, stage: "handshake", reason: "handshake_failed" });
  });

  test("a key of the wrong length", async () => {
    const { client } = parts();
    for (const length of [0, x25519KeyBytes, 1663, 1665]) {
      const result = await client.openChannel({ workerKey: nodeRandom(length) });
      expect(result.ok).toBe(false);
    }
  });

  test.each(["", "a".repeat(65), "ü", "a b", "x\0"])("channel id %j", async (channelId) => {
    const { client } = parts();
    expect((await client.openChannel({ channelId })).ok).toBe(false);
  });

  test("afterwards an honest opening works as ever", async () => {
    expect((await parts().client.openChannel()).ok).toBe(true);
  });
});

function altered(bytes: Uint8Array, at: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  const index = at < 0 ? changed.length + at : at;
  changed[index] = (changed[index] ?? 0) ^ 1;
  return changed;
}

function orders(system: System): number {
  return system.workerLink.seen.down.filter(({ body }) => body.case === "openChannel").length;
}

/** As a hub would that checks nothing; the worker's refusal. */
async function orderAtWorker(
  system: System,
  mode: (typeof modes)[number],
  message1: Uint8Array,
): Promise<string> {
  const channelId = makeChannelId();
  system.workerLink.injectDown({
    case: "openChannel",
    value: { channelId, userId: "solo", encryptionMode: mode === "classic" ? 1 : 2, message1 },
  });
  const answer = await until(
    () =>
      system.workerLink.seen.up
        .map(({ body }) => (body.case === "openChannelAnswer" ? body.value : undefined))
        .find((value) => value?.channelId === channelId),
    "the worker's answer",
  );
  expect(answer.message2).toHaveLength(0);
  return answer.refusal;
}
