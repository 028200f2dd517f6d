import { describe, expect, test } from "vitest";
import { flagClose, flagMore } from "../envelope/frame.ts";
import { maxChunkBytes, maxClaimBytes, openTimeoutMs, protocolVersion } from "../limits/limits.ts";
import { noblePrimitives } from "../noise/noble-primitives.ts";
import { makeManualClock } from "../platform/manual-clock.ts";
import { encodeMessage, type MessageBodyInit } from "../wire/encode-message.ts";
import { makeChannelEnd } from "./channel-end.ts";
import type { ClaimVerdict } from "./responder.ts";
import { makeTestChannel } from "./test-channel.ts";
import { makeRawClient } from "./test-raw-client.ts";

test("a channel opens once claim and ping are answered", async () => {
  const channel = await makeTestChannel();
  expect(channel.toWorker).toHaveLength(2);
  channel.settle();
  expect(await channel.initiator.opened).toEqual({ ok: true });
  expect(channel.initiator.binding).toEqual(channel.responder.binding);
  expect(channel.initiator.status()).toEqual({ mode: "classic", keyAgeMs: 0, rekeyCount: 0 });
  expect(channel.closed).toEqual({ client: null, worker: null });
});

test("what is sent before the channel is open waits for that, in order", async () => {
  const channel = await makeTestChannel();
  const got: string[] = [];
  channel.responder.pipe.onMessage((id, message) => got.push(`${id}:${message.length}`));
  for (const [id, size] of [
    [1n, 10],
    [2n, 100_000],
    [3n, 1],
  ] as const) {
    channel.initiator.pipe.send(id, encodeMessage({ case: "data", value: new Uint8Array(size) }));
  }
  expect(channel.toWorker).toHaveLength(2);
  channel.settle();
  expect(got).toEqual(["1:13", "2:100005", "3:4"]);
});

describe("claims that are refused", () => {
  const refusals = [
    [
      "another user than the hub announced",
      { initiator: { claim: { userId: "mallory" } } },
      { reason: "user_mismatch", message: "user ID mismatch" },
    ],
    [
      "no user",
      { initiator: { claim: { userId: "" } }, responder: { userId: "" } },
      { reason: "user_mismatch" },
    ],
    [
      "a paired worker without anything that checks devices",
      { responder: { clientAuth: "paired" as const } },
      { reason: "device_not_trusted" },
    ],
    [
      "a device that the worker does not trust",
      {
        responder: {
          clientAuth: "paired" as const,
          verifyClaim: () => ({ ok: false as const, reason: "credential_revoked" as const }),
        },
      },
      { reason: "credential_revoked" },
    ],
  ] as const;
  test.each(refusals)("%s", async (_name, options, refusal) => {
    const channel = await makeTestChannel(options);
    const executed: bigint[] = [];
    channel.responder.pipe.onMessage((id) => executed.push(id));
    channel.initiator.pipe.send(1n, encodeMessage({ case: "data", value: new Uint8Array(1) }));
    channel.settle();
    expect(await channel.initiator.opened).toMatchObject({ ok: false, ...refusal });
    expect(channel.closed).toEqual({ client: refusal.reason, worker: refusal.reason });
    expect(executed).toEqual([]);
  });

  test("a trusted device is let in, its fields arrive as they were sent", async () => {
    const claims: unknown[] = [];
    const claim = {
      userId: "user",
      devicePublicKey: Uint8Array.of(1),
      signature: Uint8Array.of(2, 3),
      grants: [Uint8Array.of(4), Uint8Array.of(5)],
    };
    const channel = await makeTestChannel({
      initiator: { claim: (binding) => ({ ...claim, signature: binding }) },
      responder: {
        clientAuth: "paired",
        verifyClaim(got, binding) {
          claims.push(got);
          expect(got.signature).toEqual(binding);
          return { ok: true };
        },
      },
    });
    channel.settle();
    expect(await channel.initiator.opened).toEqual({ ok: true });
    expect(claims).toEqual([{ ...claim, signature: channel.initiator.binding }]);
  });
});

describe("a claim that takes its time to be signed", () => {
  test("is sent when it is there", async () => {
    const signed = Promise.withResolvers<{ userId: string }>();
    const channel = await makeTestChannel({ initiator: { claim: () => signed.promise } });
    expect(channel.toWorker).toEqual([]);
    signed.resolve({ userId: "user" });
    await signed.promise;
    channel.settle();
    expect(await channel.initiator.opened).toEqual({ ok: true });
  });

  test("and fails is never sent", async () => {
    for (const claim of [
      () => Promise.reject(new Error("no key")),
      () => {
        throw new Error("no key");
      },
    ]) {
      const channel = await makeTestChannel({ initiator: { claim } });
      expect(await channel.initiator.opened).toEqual({
        ok: false,
        reason: "device_not_trusted",
        message: "this device could not sign its claim",
      });
      expect(channel.toWorker.map(({ flags }) => flags)).toEqual([flagClose]);
    }
  });

  test("comes too late for a channel that closed meanwhile", async () => {
    const signed = Promise.withResolvers<{ userId: string }>();
    const channel = await makeTestChannel({ initiator: { claim: () => signed.promise } });
    channel.initiator.close("closed");
    signed.resolve({ userId: "user" });
    await signed.promise;
    expect(channel.toWorker.map(({ flags }) => flags)).toEqual([flagClose]);
  });
});

describe("a claim that takes its time to be judged", () => {
  const claim = { userId: "user", protocolVersions: [protocolVersion] };
  const ping = { case: "ping", value: { nonce: 7n } } as const;

  async function setUp() {
    const verdict = Promise.withResolvers<ClaimVerdict>();
    const raw = await makeRawClient({
      clientAuth: "paired",
      verifyClaim: () => verdict.promise,
    });
    const executed: bigint[] = [];
    raw.responder.pipe.onMessage((id) => executed.push(id));
    expect(raw.exchange(0n, { case: "userIdClaim", value: claim })).toEqual([]);
    return { raw, verdict, executed };
  }

  test("what comes behind it waits, and is then taken in order", async () => {
    const { raw, verdict, executed } = await setUp();
    const call = { case: "callStart", value: { method: "a/b", halfClose: true } } as const;
    expect(raw.exchange(0n, ping)).toEqual([]);
    expect(raw.exchange(1n, call)).toEqual([]);
    expect(executed).toEqual([]);
    verdict.resolve({ ok: true });
    await verdict.promise;
    expect(raw.received()).toMatchObject([{ case: "userIdAccepted" }, { case: "pong" }]);
    expect(executed).toEqual([1n]);
  });

  test("no verdict, or one that comes after the end, lets nobody in", async () => {
    const failed = await setUp();
    failed.verdict.reject(new Error("no verdict"));
    await expect(failed.verdict.promise).rejects.toThrow("no verdict");
    await Promise.resolve();
    expect(failed.raw.received()).toMatchObject([
      { case: "userIdRefused" },
      { close: "device_not_trusted" },
    ]);
    const late = await setUp();
    late.raw.clock.advance(openTimeoutMs);
    expect(late.raw.received()).toEqual([{ close: "user_not_verified" }]);
    late.verdict.resolve({ ok: true });
    await late.verdict.promise;
    expect(late.raw.received()).toEqual([]);
  });

  test("it fills no memory meanwhile", async () => {
    const { raw } = await setUp();
    const full = new Uint8Array(maxChunkBytes);
    for (let sent = 0; sent + maxChunkBytes < maxClaimBytes; sent += maxChunkBytes + 64) {
      expect(raw.sendChunk(1n, flagMore, full)).toEqual([]);
    }
    expect(raw.sendChunk(1n, flagMore, full)).toEqual([{ close: "user_not_verified" }]);
  });
});

describe("what a worker answers to other first messages", () => {
  test("calls are refused one by one, the claim may still come", async () => {
    const raw = await makeRawClient();
    const executed: bigint[] = [];
    raw.responder.pipe.onMessage((id) => executed.push(id));
    const call = { case: "callStart", value: { method: "a/b", halfClose: true } } as const;
    expect(raw.exchange(1n, call)).toMatchObject([
      { case: "callEnd", value: { message: "user ID not verified", reason: "user_not_verified" } },
    ]);
    expect(raw.exchange(1n, { case: "data", value: new Uint8Array(5) })).toEqual([]);
    const claim = { userId: "user", protocolVersions: [protocolVersion] };
    expect(raw.exchange(0n, { case: "userIdClaim", value: claim })).toMatchObject([
      { case: "userIdAccepted", value: { protocolVersion } },
    ]);
    expect(executed).toEqual([]);
    raw.exchange(2n, call);
    expect(executed).toEqual([2n]);
  });

  const others: MessageBodyInit[] = [
    { case: "ping", value: { nonce: 1n } },
    { case: "rekeyRequest", value: { ePub: new Uint8Array(32).fill(9) } },
    { case: "rekeyCommit", value: {} },
  ];
  test.each(others)("$case closes", async (body) => {
    const raw = await makeRawClient();
    expect(raw.exchange(0n, body)).toMatchObject([
      {
        case: "userIdRefused",
        value: { message: "user ID not verified", reason: "user_not_verified" },
      },
      { close: "user_not_verified" },
    ]);
  });

  test("versions that it does not speak are refused with those that it does", async () => {
    for (const protocolVersions of [[], [0], [2, 3]]) {
      const raw = await makeRawClient();
      const claim = { userId: "user", protocolVersions };
      expect(raw.exchange(0n, { case: "userIdClaim", value: claim })).toMatchObject([
        {
          case: "userIdRefused",
          value: { reason: "version_unsupported", protocolVersions: [protocolVersion] },
        },
        { close: "version_unsupported" },
      ]);
    }
    const raw = await makeRawClient();
    const claim = { userId: "user", protocolVersions: [2, protocolVersion] };
    expect(raw.exchange(0n, { case: "userIdClaim", value: claim })).toMatchObject([
      { case: "userIdAccepted" },
    ]);
  });

  test("a second claim, and what only a worker says, are violations", async () => {
    const bodies: MessageBodyInit[] = [
      { case: "userIdClaim", value: { userId: "user", protocolVersions: [protocolVersion] } },
      { case: "userIdAccepted", value: {} },
      { case: "pong", value: {} },
      { case: "rekeyAck", value: {} },
      { case: "rekeyCommit", value: {} },
      { case: "rekeyRequest", value: { ePub: new Uint8Array(31) } },
      { case: "rekeyRequest", value: { ePub: new Uint8Array(32) } },
      { case: "data", value: new Uint8Array(1) },
    ];
    for (const body of bodies) {
      const raw = await makeRawClient();
      const claim = { userId: "user", protocolVersions: [protocolVersion] };
      raw.exchange(0n, { case: "userIdClaim", value: claim });
      expect(raw.exchange(0n, body)).toEqual([{ close: "protocol_violation" }]);
    }
  });

  test("a claim larger than any: closed before it is whole", async () => {
    const raw = await makeRawClient();
    const chunk = new Uint8Array(maxChunkBytes);
    for (let bytes = maxChunkBytes; bytes <= maxClaimBytes; bytes += maxChunkBytes) {
      expect(raw.sendChunk(0n, flagMore, chunk)).toEqual([]);
    }
    expect(raw.sendChunk(0n, flagMore, chunk)).toEqual([{ close: "message_too_large" }]);
  });

  test("after the claim, what only a claim may weigh is too much", async () => {
    const raw = await makeRawClient();
    raw.claim();
    expect(raw.sendChunk(0n, flagMore, new Uint8Array(maxChunkBytes))).toEqual([]);
    expect(raw.sendChunk(0n, flagMore, new Uint8Array(maxChunkBytes))).toEqual([
      { close: "message_too_large" },
    ]);
  });

  test("a claim with sixty-four grants fits; one with forty thousand empty ones does not", async () => {
    const claim = { userId: "user", protocolVersions: [protocolVersion] };
    const raw = await makeRawClient();
    const grants = Array.from({ length: 64 }, () => new Uint8Array(7_600));
    expect(raw.exchange(0n, { case: "userIdClaim", value: { ...claim, grants } })).toMatchObject([
      { case: "userIdAccepted" },
    ]);
    const other = await makeRawClient();
    const empty = Array.from({ length: 40_000 }, () => new Uint8Array(0));
    expect(other.exchange(0n, { case: "userIdClaim", value: { ...claim, grants: empty } })).toEqual(
      [{ close: "protocol_violation" }],
    );
  });

  test("a call with forty thousand headers before the claim: closed", async () => {
    const raw = await makeRawClient();
    const headers = Array.from({ length: 40_000 }, () => ({}));
    expect(raw.exchange(1n, { case: "callStart", value: { headers } })).toEqual([
      { close: "protocol_violation" },
    ]);
  });

  test("nobody who claims: closed after a while", async () => {
    const raw = await makeRawClient();
    raw.clock.advance(openTimeoutMs - 1);
    expect(raw.received()).toEqual([]);
    raw.clock.advance(1);
    expect(raw.received()).toEqual([{ close: "user_not_verified" }]);
  });
});

describe("what a client makes of a worker that does not open", () => {
  test("no answer: closed after a while", async () => {
    const channel = await makeTestChannel();
    channel.toWorker.length = 0;
    channel.clock.advance(openTimeoutMs);
    expect(await channel.initiator.opened).toMatchObject({ ok: false, reason: "handshake_failed" });
    expect(channel.toWorker.map((frame) => frame.flags)).toEqual([flagClose]);
  });

  test("closed by the hub before it opened", async () => {
    const channel = await makeTestChannel();
    channel.toClient.push({
      channelId: "channel",
      correlationId: 0n,
      flags: flagClose,
      ciphertext: new TextEncoder().encode("worker_offline"),
    });
    channel.settle();
    expect(await channel.initiator.opened).toEqual({
      ok: false,
      reason: "worker_offline",
      message: "worker is offline",
    });
  });
});

test("the keys are gone after the close", () => {
  const sendKey = new Uint8Array(32).fill(1);
  const receiveKey = new Uint8Array(32).fill(2);
  const end = makeChannelEnd({
    primitives: noblePrimitives,
    clock: makeManualClock(),
    channelId: "channel",
    maxMessageBytes: 65_536,
    sendKey,
    receiveKey,
    sendFrame: () => undefined,
    onControl: () => true,
    admitCall: () => true,
    onFrame: () => undefined,
    holdCalls: false,
  });
  end.close("closed");
  expect([sendKey, receiveKey]).toEqual([new Uint8Array(32), new Uint8Array(32)]);
});
