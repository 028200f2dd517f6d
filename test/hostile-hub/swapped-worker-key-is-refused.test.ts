/** A hub that hands out a key of its own, or answers in the worker's place. */
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { nativePrimitives } from "@leapmux/native/native-primitives.ts";
import { nodeRandom } from "@leapmux/native/node-platform.ts";
import { makeThreadSigner } from "@leapmux/native/thread-signer.ts";
import { EncryptionMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import { joinCompositeKey, splitCompositeKey } from "@leapmux/shared/identity/composite-key.ts";
import { acceptPin, checkPin, makeMemoryPinStorage } from "@leapmux/shared/identity/pin-store.ts";
import {
  generateWorkerSecrets,
  type WorkerSecrets,
} from "@leapmux/shared/identity/worker-secrets.ts";
import { answerHandshake } from "@leapmux/shared/noise/answer-handshake.ts";
import { cleanupAfterFile } from "../harness/cleanup.ts";
import { startHostileRelay, type HostileRelay } from "../harness/hostile-relay.ts";
import { startSystem, type System } from "../harness/start-system.ts";
import { connectClient, type TestClient } from "../harness/test-client.ts";

const cleanup = cleanupAfterFile();
let system: System;
let relay: HostileRelay;
let client: TestClient;
let trueKey: Uint8Array;
const attacker: WorkerSecrets = generateWorkerSecrets(nativePrimitives, nodeRandom);

beforeAll(async () => {
  system = await startSystem(cleanup);
  relay = await startHostileRelay(cleanup, system.url);
  client = await connectClient(cleanup, relay.url);
  const workerId = await client.onlineWorkerId();
  trueKey = (await client.channels.getWorkerHandshakeParams({ workerId })).compositePublicKey;
});
beforeEach(() => {
  for (const name of Object.keys(relay.hooks) as (keyof typeof relay.hooks)[]) {
    relay.hooks[name] = undefined;
  }
});

/** What a client with a pin decides before it says anything. */
async function checkAgainstPin(reportedKey: Uint8Array, mode: EncryptionMode): Promise<string> {
  const pins = makeMemoryPinStorage();
  const modeOf = (m: EncryptionMode) => (m === EncryptionMode.CLASSIC ? "classic" : "post-quantum");
  const { workerId } = system;
  await acceptPin(pins, 0, { workerId, compositeKey: trueKey, mode: "post-quantum" });
  const check = await checkPin(pins, 1, {
    workerId,
    compositeKey: reportedKey,
    mode: modeOf(mode),
  });
  return check.kind;
}

const parts = ["x25519", "mlKem", "slhDsa"] as const;

describe("each part of the composite key counts", () => {
  test.each(parts)("%s swapped: the pin does not match", async (part) => {
    const swapped = swap(part);
    relay.hooks.handshakeParams = (params) => void (params.compositePublicKey = swapped);
    const reported = await client.channels.getWorkerHandshakeParams({ workerId: system.workerId });
    expect(await checkAgainstPin(reported.compositePublicKey, reported.encryptionMode)).toBe(
      "mismatch",
    );
    expect(await checkAgainstPin(trueKey, EncryptionMode.POST_QUANTUM)).toBe("match");
    expect(await checkAgainstPin(trueKey, EncryptionMode.CLASSIC)).toBe("mismatch");
  });

  test.each(parts)("%s swapped and carried to the real worker: no channel", async (part) => {
    const swapped = swap(part);
    relay.hooks.handshakeParams = (params) => void (params.compositePublicKey = swapped);
    expect(await client.openChannel()).toMatchObject({ ok: false, reason: "handshake_failed" });
  });

  test.each(parts)("the attacker answers and has all but %s: no channel", async (part) => {
    // The client knows the true key; of that the attacker lacks one part and has it replaced by its own.
    const known = swapAllBut(part);
    relay.hooks.answerOpen = answerAs(attacker);
    expect(await client.openChannel({ workerKey: known })).toMatchObject({
      ok: false,
      stage: "handshake",
      reason: "handshake_failed",
    });
  });
});

test("the attacker can answer for the key that it made, which is what pins are for", async () => {
  // Shows that the refusals above come from the keys and not from a broken attack.
  relay.hooks.answerOpen = answerAs(attacker);
  const result = await client.openChannel({ workerKey: attacker.compositePublicKey, timeoutMs: 1 });
  // The handshake holds; only the claim goes unanswered, for the attacker speaks no further.
  expect(result).toMatchObject({ ok: false, stage: "claim" });
});

test("a signature for another handshake is not taken", async () => {
  let first: Uint8Array | undefined;
  relay.hooks.openResponse = (response) => {
    first ??= response.message2.slice();
  };
  expect((await client.openChannel()).ok).toBe(true);
  relay.hooks.openResponse = (response) => {
    // The noise half is the right one, the signature is yesterday's.
    response.message2.set(first?.subarray(48) ?? [], 48);
  };
  expect(await client.openChannel()).toMatchObject({
    ok: false,
    reason: "handshake_failed",
    message: "noise-hybrid: SLH-DSA signature verification failed",
  });
});

function swap(part: (typeof parts)[number]): Uint8Array {
  const own = splitCompositeKey(trueKey)!;
  const other = splitCompositeKey(attacker.compositePublicKey)!;
  return joinCompositeKey({ ...own, [part]: other[part] });
}

function swapAllBut(part: (typeof parts)[number]): Uint8Array {
  const own = splitCompositeKey(trueKey)!;
  const other = splitCompositeKey(attacker.compositePublicKey)!;
  return joinCompositeKey({ ...other, [part]: own[part] });
}

function answerAs(identity: WorkerSecrets) {
  const signer = makeThreadSigner({ key: identity.slhDsaSecretKey, threads: 1 });
  onTestFinished(() => signer.stop());
  return async (request: { channelId: string; message1: Uint8Array }): Promise<Uint8Array> => {
    const answered = await answerHandshake({
      primitives: nativePrimitives,
      random: nodeRandom,
      signer,
      mode: "post-quantum",
      workerId: system.workerId,
      channelId: request.channelId,
      identity,
      message1: request.message1,
    });
    // Without the right X25519 key it cannot even read message 1: then it makes something up.
    return answered.ok ? answered.message2 : nodeRandom(49_904);
  };
}
