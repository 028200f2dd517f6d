import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nativeDevicePrimitives } from "@leapmux/native/native-device-primitives.ts";
import { nativePrimitives } from "@leapmux/native/native-primitives.ts";
import { nodeRandom } from "@leapmux/native/node-platform.ts";
import { signRevocation } from "@leapmux/shared/devices/revocation.ts";
import { deviceIdOf } from "@leapmux/shared/identity/device-id.ts";
import {
  type DeviceSigner,
  generateDeviceSecrets,
  makeDeviceSigner,
} from "@leapmux/shared/identity/device-key.ts";
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
const nowMs = 1_000_000;
const userId = "usr_ann";

beforeEach(async () => {
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
