import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nativeDevicePrimitives } from "@leapmux/native/native-device-primitives.ts";
import { nativePrimitives } from "@leapmux/native/native-primitives.ts";
import { nodeRandom } from "@leapmux/native/node-platform.ts";
import { makeOwnDeviceTerms, signGrant } from "@leapmux/shared/devices/grant.ts";
import { signRevocation } from "@leapmux/shared/devices/revocation.ts";
import { deviceIdOf } from "@leapmux/shared/identity/device-id.ts";
import {
  type DeviceSigner,
  generateDeviceSecrets,
  makeDeviceSigner,
} from "@leapmux/shared/identity/device-key.ts";
import { signClaim } from "@leapmux/shared/identity/sign-claim.ts";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDatabase } from "../store/open-database.ts";
import { type DeviceTrust, openDeviceTrust } from "./device-trust.ts";
import { makeTrustConsole } from "./trust-console.ts";
import { makeTrustStore, trustBounds, type TrustStore } from "./trust-store.ts";

let directory: string;
let store: TrustStore;
let trust: DeviceTrust;
let close: () => Promise<void>;
let nowMs: number;
const userId = "usr_ann";

beforeEach(async () => {
  nowMs = 1_800_000_000_000;
  directory = mkdtempSync(join(tmpdir(), "leapmux-trust-"));
  const database = await openDatabase(directory);
  store = makeTrustStore(database);
  trust = await openDeviceTrust({
    store,
    primitives: nativeDevicePrimitives,
    blake2b512: nativePrimitives.blake2b512,
    wallClockMs: () => nowMs,
    logger: pino({ level: "silent" }),
  });
  close = () => database.destroy();
});
afterEach(async () => {
  await close();
  rmSync(directory, { recursive: true, force: true });
});

const makeDevice = (): DeviceSigner =>
  makeDeviceSigner(nativeDevicePrimitives, generateDeviceSecrets(nodeRandom));

const revoke = (by: DeviceSigner, { publicKey: device }: DeviceSigner, revokedAtMs: number) =>
  signRevocation(by, { device, userId, revokedAtMs });

/** As a channel that is open asks. */
const isTrusted = ({ publicKey }: DeviceSigner): boolean =>
  trust.isStillTrusted({
    userId,
    ownerId: userId,
    scope: { kind: "full" },
    device: { deviceId: deviceIdOf(publicKey), publicKey, chain: [], shown: [] },
  });

test("what each statement of a long list ends is told before the next is looked at", async () => {
  const devices = [makeDevice(), makeDevice(), makeDevice()];
  for (const { publicKey } of devices) await trust.addRoot(publicKey, userId);
  const told: boolean[][] = [];
  trust.onChanged(() => told.push(devices.map(isTrusted)));
  await trust.acceptRevocations(await Promise.all(devices.map((each) => revoke(each, each, 1))));
  expect(told).toEqual([
    [false, true, true],
    [false, false, true],
    [false, false, false],
  ]);
});

test("the console overrules every statement that there was, whenever it comes", async () => {
  const [owner, phone] = [makeDevice(), makeDevice()];
  const phoneId = deviceIdOf(phone.publicKey);
  await trust.addRoot(owner.publicKey, userId);
  await trust.addRoot(phone.publicKey, userId);
  const first = await revoke(owner, phone, nowMs - 2);
  const second = await revoke(owner, phone, nowMs + 5);
  await trust.acceptRevocations([first, second]);
  expect(isTrusted(phone)).toBe(false);

  expect((await makeTrustConsole(store, () => nowMs).approve(phoneId)).ok).toBe(true);
  await trust.reload();
  expect(isTrusted(phone)).toBe(true);
  const delayed = await revoke(owner, phone, nowMs);
  await trust.acceptRevocations([first, second, delayed]);
  expect(isTrusted(phone)).toBe(true);
  await trust.acceptRevocations([await revoke(owner, phone, nowMs + 1)]);
  expect(isTrusted(phone)).toBe(false);
});

test("how many statements about one device are kept is bounded", async () => {
  const phone = makeDevice();
  await trust.addRoot(phone.publicKey, userId);
  const times = Array.from({ length: trustBounds.revocationsPerDevice + 3 }, (_, at) => at);
  await trust.acceptRevocations(await Promise.all(times.map((at) => revoke(phone, phone, at))));
  expect(await store.listRevocations()).toHaveLength(trustBounds.revocationsPerDevice);
});

test("pairing makes no root of a device that was revoked; the console does", async () => {
  const phone = makeDevice();
  const phoneId = deviceIdOf(phone.publicKey);
  expect(await trust.addRoot(phone.publicKey, userId)).toBe("added");
  await trust.acceptRevocations([await revoke(phone, phone, 1)]);
  await trust.forgetDevices();
  expect(await trust.addRoot(phone.publicKey, userId)).toBe("revoked");
  expect(await store.listRoots()).toEqual([]);
  expect(isTrusted(phone)).toBe(false);

  const approved = await makeTrustConsole(store, () => nowMs).approve(phoneId);
  expect(approved).toMatchObject({ ok: true, device: { userId, state: "approved" } });
  await trust.reload();
  expect(isTrusted(phone)).toBe(true);
});

test("as many devices are remembered as are stored", async () => {
  const owner = makeDevice();
  await trust.addRoot(owner.publicKey, userId);
  const binding = new Uint8Array(64);
  const enter = async (device: DeviceSigner): Promise<void> => {
    const terms = makeOwnDeviceTerms(device.publicKey, userId, nowMs);
    const grants = [await signGrant(owner, nodeRandom, terms)];
    const signature = await signClaim(device, binding, userId);
    const claim = { userId, devicePublicKey: device.publicKey, signature, grants };
    expect(trust.verifyClaim(claim, binding).ok).toBe(true);
    await trust.settle();
  };
  const first = makeDevice();
  await enter(first);
  for (let count = 0; count < trustBounds.knownDevices; count++) {
    nowMs += 1;
    await enter(makeDevice());
  }
  // Whom it vouched for is gone with it: nothing shows any more who signed this.
  await trust.acceptRevocations([await revoke(first, owner, nowMs)]);
  expect(isTrusted(owner)).toBe(true);
});
