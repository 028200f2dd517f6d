/** Mode, worker and channel are in the prologue: a hub that lies about any of them gets no channel. */
import { beforeAll, describe, expect, test } from "vitest";
import { EncryptionMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import { noiseMessageBytes } from "@leapmux/shared/limits/limits.ts";
import { cleanupAfterFile, cleanupAfterTest } from "../harness/cleanup.ts";
import { startHostileRelay, type HostileRelay } from "../harness/hostile-relay.ts";
import { startFurtherWorker, startSystem, type System } from "../harness/start-system.ts";
import { connectClient, makeChannelId, type OpenResult } from "../harness/test-client.ts";
import { until } from "../harness/until.ts";

const cleanup = cleanupAfterFile();
let postQuantum: System;
let classic: System;
beforeAll(async () => {
  postQuantum = await startSystem(cleanup);
  classic = await startSystem(cleanup, { mode: "classic" });
});

describe.each(["post-quantum", "classic"] as const)("%s", (mode) => {
  const system = (): System => (mode === "classic" ? classic : postQuantum);

  async function openThrough(change: (relay: HostileRelay) => void): Promise<OpenResult> {
    const own = cleanupAfterTest();
    const relay = await startHostileRelay(own, system().url);
    const client = await connectClient(own, relay.url);
    await until(() => system().worker.state() === "online", "the worker online");
    change(relay);
    return client.openChannel({ workerId: system().workerId });
  }

  test("the honest relay is let through", async () => {
    expect((await openThrough(() => undefined)).ok).toBe(true);
  });

  test("another channel id", async () => {
    const result = await openThrough((relay) => {
      relay.hooks.openRequest = (request) => void (request.channelId = makeChannelId());
    });
    expect(result).toMatchObject({ ok: false, reason: "handshake_failed" });
  });

  test("another worker, with its own key", async () => {
    // The opening does get there: that worker has not the key that the client sealed it for.
    const other = await startFurtherWorker(cleanupAfterTest(), system(), mode);
    const result = await openThrough((relay) => {
      relay.hooks.openRequest = (request) => void (request.workerId = other.identity.workerId);
    });
    expect(result).toMatchObject({ ok: false, stage: "open", reason: "handshake_failed" });
  });

  test("another worker id for the same key", async () => {
    const own = cleanupAfterTest();
    const client = await connectClient(own, system().url);
    const result = await client.openChannel({
      workerId: "wrk_somebody-else",
      toldWorkerId: system().workerId,
    });
    expect(result).toMatchObject({ ok: false, reason: "handshake_failed" });
  });
});

test("classic, reported for a post-quantum worker", async () => {
  const own = cleanupAfterTest();
  const relay = await startHostileRelay(own, postQuantum.url);
  const client = await connectClient(own, relay.url);
  await client.onlineWorkerId();
  relay.hooks.handshakeParams = (params) => void (params.encryptionMode = EncryptionMode.CLASSIC);
  // The client believes it and asks for classic: the worker refuses.
  expect(await client.openChannel()).toMatchObject({ ok: false, reason: "mode_refused" });
});

test("classic, carried as post-quantum and the other way round", async () => {
  const own = cleanupAfterTest();
  const client = await connectClient(own, postQuantum.url);
  const asked = await client.openChannel({ mode: "classic", toldMode: "post-quantum" });
  expect(asked).toMatchObject({ ok: false, stage: "open" });
  // A hub that cuts the post-quantum half off and says classic.
  const cut = await client.openChannel({
    toldMode: "classic",
    changeMessage1: (message1) => message1.slice(0, noiseMessageBytes),
  });
  expect(cut).toMatchObject({ ok: false, stage: "open", reason: "mode_refused" });
});

test("classic worker: a hub that adds a post-quantum half", async () => {
  const own = cleanupAfterTest();
  const client = await connectClient(own, classic.url);
  const result = await client.openChannel({ mode: "post-quantum" });
  expect(result).toMatchObject({ ok: false, stage: "open" });
});
