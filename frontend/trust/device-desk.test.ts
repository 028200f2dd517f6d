import { decodeGrant } from "@leapmux/shared/devices/grant.ts";
import { deviceIdOf } from "@leapmux/shared/identity/device-id.ts";
import {
  type DeviceSigner,
  generateDeviceSecrets,
  makeDeviceSigner,
} from "@leapmux/shared/identity/device-key.ts";
import { makeNobleDevicePrimitives } from "@leapmux/shared/identity/noble-device-primitives.ts";
import { decodeBase64url } from "@leapmux/shared/identity/base64url.ts";
import { checkDeviceMac, makeWorkerMac } from "@leapmux/shared/identity/pairing.ts";
import { acceptPin, makeMemoryPinStorage } from "@leapmux/shared/identity/pin-store.ts";
import { verifyClaimSignature } from "@leapmux/shared/identity/sign-claim.ts";
import { noblePrimitives } from "@leapmux/shared/noise/noble-primitives.ts";
import { makeTestRandom } from "@leapmux/shared/noise/test-random.ts";
import { describe, expect, it } from "vitest";
import type { CallHub } from "@leapmux/shared/client/hub-answer.ts";
import { makeDeviceDesk } from "./device-desk.ts";
import type { DeviceOperation, DeviceOperations, DeviceRequest } from "./device-operations.ts";

const mebibyte = 1024 * 1024;
const day = 24 * 60 * 60_000;
const userId = "usr_1";
const primitives = makeNobleDevicePrimitives();
let seeds = 0;

function setUp() {
  const random = makeTestRandom(++seeds);
  const pins = makeMemoryPinStorage();
  const time = { nowMs: 1_000 * day };
  const hub = { grants: [] as Uint8Array[], answers: true, lists: 0 };
  const distrusted: string[] = [];
  let stored: unknown;
  const callHub = (async () => {
    hub.lists += 1;
    if (!hub.answers) return { ok: false };
    return { ok: true, response: { grants: hub.grants.map((signedGrant) => ({ signedGrant })) } };
  }) as unknown as CallHub;
  const desk = makeDeviceDesk({
    storage: {
      get: async () => stored,
      addIfAbsent: async (made) => (stored ??= made),
      delete: async () => void (stored = undefined),
    },
    devicePrimitives: primitives,
    primitives: noblePrimitives,
    pins,
    random,
    subtle: crypto.subtle,
    nowMs: () => time.nowMs,
    pause: async () => {},
    callHub,
    distrust: (workerId) => void distrusted.push(workerId),
    fingerprint: async () => ({
      digest: new Uint8Array(16),
      words: ["a", "b", "c", "d"],
      longWords: [],
    }),
  });
  async function run<Name extends DeviceOperation>(
    operation: Name,
    input: Parameters<DeviceOperations[Name]>[0],
  ): Promise<Awaited<ReturnType<DeviceOperations[Name]>>> {
    const answer = await desk.run({ operation, input } as DeviceRequest);
    if (!answer.ok) throw new Error(answer.trouble);
    return answer.value as Awaited<ReturnType<DeviceOperations[Name]>>;
  }
  return {
    random,
    pins,
    time,
    hub,
    desk,
    distrusted,
    run,
    damage: () => void (stored = "damaged"),
    other: (): DeviceSigner => makeDeviceSigner(primitives, generateDeviceSecrets(random)),
  };
}

describe("pairing at registration", () => {
  async function setUpPairing() {
    const world = setUp();
    const { pairingId, secret } = await world.run("startPairing", {});
    const worker = { workerId: "wrk_1", compositeKey: world.random(1664) };
    const bytes = decodeBase64url(secret, 32)!;
    const proof = {
      pairingId,
      userId,
      ...worker,
      mode: "post-quantum" as const,
      workerMac: makeWorkerMac(noblePrimitives, bytes, worker),
    };
    return { ...world, proof, secret: bytes, pairingId };
  }

  it("pins the worker as verified and proves this device to it", async () => {
    const { run, proof, pins, secret } = await setUpPairing();
    const check = await run("checkPairing", proof);
    if (!check.ok) throw new Error(check.reason);
    expect(await pins.get("wrk_1")).toMatchObject({
      compositeKey: proof.compositeKey,
      mode: "post-quantum",
      verified: true,
    });
    const { compositeKey } = proof;
    const device = { userId, devicePublicKey: check.devicePublicKey, compositeKey };
    expect(checkDeviceMac(noblePrimitives, secret, device, check.deviceMac)).toBe(true);
    // The secret was good once.
    await expect(run("checkPairing", proof)).rejects.toThrow();
  });

  it.each([
    ["another key", { compositeKey: new Uint8Array(1664).fill(3) }],
    ["another worker", { workerId: "wrk_2" }],
    ["an altered proof", { workerMac: new Uint8Array(64) }],
    ["a short proof", { workerMac: new Uint8Array(63) }],
    ["a key that is none", { compositeKey: new Uint8Array(10) }],
  ])("pins nothing with %s, and gives no second try", async (_name, lie) => {
    const { run, proof, pins } = await setUpPairing();
    expect(await run("checkPairing", { ...proof, ...lie })).toEqual({
      ok: false,
      reason: "wrong_proof",
    });
    expect(await pins.list()).toEqual([]);
    await expect(run("checkPairing", proof)).rejects.toThrow();
    expect(await pins.list()).toEqual([]);
  });

  it("pins nothing without a proof", async () => {
    const { run, proof, pins } = await setUpPairing();
    const workerMac = new Uint8Array(0);
    expect(await run("checkPairing", { ...proof, workerMac })).toMatchObject({
      reason: "unproven",
    });
    expect(await pins.list()).toEqual([]);
  });

  it("takes back what first use pinned before the proof was looked at", async () => {
    const { run, proof, pins, distrusted } = await setUpPairing();
    await acceptPin(pins, 1_000 * day, proof);
    await run("checkPairing", { ...proof, workerMac: new Uint8Array(64) });
    expect(await pins.list()).toEqual([]);
    expect(distrusted).toEqual(["wrk_1"]);
  });

  it("forgets no worker that it knew before, whatever the hub says who came", async () => {
    const { run, proof, pins } = await setUpPairing();
    await acceptPin(pins, 999 * day, { ...proof, workerId: "wrk_old" });
    await run("checkPairing", { ...proof, workerId: "wrk_old" });
    expect(await pins.list()).toHaveLength(1);
  });

  it("replaces no other key that this browser knows for that id", async () => {
    const { run, proof, pins } = await setUpPairing();
    const compositeKey = new Uint8Array(1664).fill(9);
    await acceptPin(pins, 1_000 * day, { workerId: "wrk_1", compositeKey, mode: "post-quantum" });
    expect(await run("checkPairing", proof)).toMatchObject({ reason: "known" });
    expect(await pins.get("wrk_1")).toMatchObject({ compositeKey, verified: false });
  });

  it("forgets the secret of a closed dialog", async () => {
    const { run, proof, pairingId } = await setUpPairing();
    await run("endPairing", { pairingId });
    await expect(run("checkPairing", proof)).rejects.toThrow();
  });

  it("keeps only so many secrets", async () => {
    const { run } = setUp();
    for (let i = 0; i < 8; i++) await run("startPairing", {});
    await expect(run("startPairing", {})).rejects.toThrow();
  });
});

describe("what this device says of others", () => {
  it("is a grant for 90 days that reads as such", async () => {
    const { run, other, time } = setUp();
    const { publicKey } = other();
    const me = await run("identify", {});
    const statement = await run("approve", { userId, publicKey });
    expect(statement).toMatchObject({
      issuerDeviceId: me.deviceId,
      subjectDeviceId: deviceIdOf(publicKey),
    });
    expect(decodeGrant(statement.bytes)).toMatchObject({
      scope: { kind: "full" },
      notAfterMs: time.nowMs + 90 * day,
    });
    const { bytes } = await run("revoke", { userId, publicKey });
    const facts = await run("readStatements", {
      userId,
      grants: [statement.bytes],
      revocations: [bytes],
    });
    expect(facts.grants).toMatchObject([
      { isFull: true, issuer: { deviceId: me.deviceId }, subject: { publicKey } },
    ]);
    expect(facts.revocations).toMatchObject([{ subject: { publicKey }, revokedAtMs: time.nowMs }]);
  });

  it("is read only where its signature holds and its user is ours", async () => {
    const { run, other } = setUp();
    const { bytes } = await run("approve", { userId, publicKey: other().publicKey });
    const forged = bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1);
    const foreign = await run("approve", { userId: "usr_2", publicKey: other().publicKey });
    const facts = await run("readStatements", {
      userId,
      grants: [forged, foreign.bytes, new Uint8Array(3), bytes],
      revocations: [bytes],
    });
    expect(facts.grants).toHaveLength(1);
    expect(facts.revocations).toEqual([]);
    // Checked once, read by everybody with the right user only.
    const again = await run("readStatements", {
      userId: "usr_2",
      grants: [bytes],
      revocations: [],
    });
    expect(again.grants).toEqual([]);
  });
});

describe("a claim", () => {
  it("is signed over the binding and shows what leads to this device", async () => {
    const { run, desk, hub, other } = setUp();
    const elsewhere = setUp();
    const me = await run("identify", {});
    const leads = await elsewhere.run("approve", { userId, publicKey: me.publicKey });
    const leadsNowhere = await elsewhere.run("approve", { userId, publicKey: other().publicKey });
    hub.grants = [leadsNowhere.bytes, leads.bytes];
    const claim = await (await desk.prepareClaim(userId, mebibyte))(new Uint8Array(64).fill(5));
    expect(claim.grants).toEqual([leads.bytes]);
    const { devicePublicKey, signature } = claim;
    const signed = { devicePublicKey: devicePublicKey!, signature: signature!, userId };
    const fits = (binding: Uint8Array) => verifyClaimSignature(primitives, { ...signed, binding });
    expect(fits(new Uint8Array(64).fill(5))).toBe(true);
    expect(fits(new Uint8Array(64).fill(6))).toBe(false);
  });

  it("names no device where the key is damaged, and the page is told so", async () => {
    const { run, desk, damage } = setUp();
    damage();
    const claim = await (await desk.prepareClaim(userId, mebibyte))(new Uint8Array(64));
    expect(claim).toEqual({ userId });
    await expect(run("identify", {})).rejects.toThrow("key_damaged");
    await run("forgetKey", { revocations: [] });
    expect((await run("identify", {})).words).toHaveLength(4);
  });

  it("keeps its key unless that was revoked", async () => {
    const { run, other } = setUp();
    const elsewhere = setUp();
    const { deviceId, publicKey } = await run("identify", {});
    const ofOther = await elsewhere.run("revoke", { userId, publicKey: other().publicKey });
    const own = await elsewhere.run("revoke", { userId, publicKey });
    const forged = own.bytes.with(own.bytes.length - 1, own.bytes.at(-1)! ^ 1);
    for (const revocations of [[], [ofOther.bytes], [forged]]) {
      await expect(run("forgetKey", { revocations })).rejects.toThrow("failed");
    }
    expect((await run("identify", {})).deviceId).toBe(deviceId);
    await run("forgetKey", { revocations: [ofOther.bytes, own.bytes] });
    expect((await run("identify", {})).deviceId).not.toBe(deviceId);
  });

  it("says when it can show more than before", async () => {
    const { run, desk, hub } = setUp();
    const elsewhere = setUp();
    const me = await run("identify", {});
    await desk.prepareClaim(userId, mebibyte);
    expect(await desk.refreshGrants()).toBe(false);
    hub.grants = [(await elsewhere.run("approve", { userId, publicKey: me.publicKey })).bytes];
    expect(await desk.refreshGrants()).toBe(true);
    expect(await desk.refreshGrants()).toBe(false);
    hub.answers = false;
    expect(await desk.refreshGrants()).toBe(false);
    const claim = await (await desk.prepareClaim(userId, mebibyte))(new Uint8Array(64));
    expect(claim.grants).toHaveLength(1);
  });

  it("stays small enough for any worker, however many grants a hub hands out", async () => {
    const { run, desk, hub } = setUp();
    const me = await run("identify", {});
    const issuers = Array.from({ length: 10 }, setUp);
    hub.grants = await Promise.all(
      issuers.map(async (issuer) => {
        return (await issuer.run("approve", { userId, publicKey: me.publicKey })).bytes;
      }),
    );
    const shownTo = async (maxMessageBytes: number) =>
      (await (await desk.prepareClaim(userId, maxMessageBytes))(new Uint8Array(64))).grants!;
    expect(await shownTo(mebibyte)).toHaveLength(10);
    const bytes = (await shownTo(64 * 1024)).reduce((sum, grant) => sum + grant.length, 0);
    expect(bytes).toBeGreaterThan(40 * 1024);
    expect(bytes).toBeLessThan(56 * 1024);
  });
});
