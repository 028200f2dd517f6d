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
let asked: number;
const userId = "usr_ann";

beforeEach(async () => {
  nowMs = 1_800_000_000_000;
  asked = 0;
  directory = mkdtempSync(join(tmpdir(), "leapmux-trust-"));
  const database = await openDatabase(directory);
  store = makeTrustStore(database);
  trust = await openDeviceTrust({
    store,
    primitives: nativeDevicePrimitives,
    blake2b512: nativePrimitives.blake2b512,
    wallClockMs: () => nowMs,
    logger: pino({ level: "silent" }),
    askForRevocations: () => void (asked += 1),
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

/** A device of `userId` opens and shows the grants that these made. */
async function enter(device: DeviceSigner, grants: readonly Uint8Array[]): Promise<void> {
  const binding = new Uint8Array(64);
  const signature = await signClaim(device, binding, userId);
  const claim = { userId, devicePublicKey: device.publicKey, signature, grants: [...grants] };
  expect(trust.verifyClaim(claim, binding).ok).toBe(true);
  await trust.settle();
}

const vouch = (by: DeviceSigner, { publicKey }: DeviceSigner) =>
  signGrant(by, nodeRandom, makeOwnDeviceTerms(publicKey, userId, nowMs));

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
  const first = makeDevice();
  await enter(first, [await vouch(owner, first)]);
  for (let count = 0; count < trustBounds.knownDevices; count++) {
    nowMs += 1;
    const next = makeDevice();
    await enter(next, [await vouch(owner, next)]);
  }
  // Whom it vouched for is gone with it: nothing shows any more who signed this.
  await trust.acceptRevocations([await revoke(first, owner, nowMs)]);
  expect(isTrusted(owner)).toBe(true);
});

/** Each of another device that nobody vouches for. */
const noise = (count: number) =>
  Promise.all(Array.from({ length: count }, () => revoke(makeDevice(), makeDevice(), nowMs)));

async function makeFamily() {
  const [owner, phone, tablet] = [makeDevice(), makeDevice(), makeDevice()];
  await trust.addRoot(owner.publicKey, userId);
  await trust.addRoot(tablet.publicKey, userId);
  return { owner, phone, tablet, genuine: await revoke(phone, tablet, nowMs) };
}

test("what noise of many devices crowds out is asked for again when its device becomes known", async () => {
  const { owner, phone, tablet, genuine } = await makeFamily();
  const list = [genuine, ...(await noise(trustBounds.heldRevocations))];
  await trust.acceptRevocations(list);
  expect([isTrusted(tablet), asked]).toEqual([true, 0]);
  await enter(phone, [await vouch(owner, phone)]);
  expect(asked).toBe(1);
  await trust.acceptRevocations(list);
  expect(isTrusted(tablet)).toBe(false);
});

test("noise of one device, and what is not signed at all, takes nobody's place", async () => {
  const { owner, phone, tablet, genuine } = await makeFamily();
  const thief = makeDevice();
  const loud = await Promise.all(
    Array.from({ length: trustBounds.heldRevocations }, (_, at) => revoke(thief, makeDevice(), at)),
  );
  const unsigned = (await noise(trustBounds.heldRevocations)).map(spoil);
  await trust.acceptRevocations([...loud, ...unsigned, genuine]);
  await enter(phone, [await vouch(owner, phone)]);
  expect(isTrusted(tablet)).toBe(false);
});

test("a statement is not forgotten because the same follows under a bad signature", async () => {
  const { owner, phone, tablet, genuine } = await makeFamily();
  await trust.acceptRevocations([genuine, spoil(genuine)]);
  await enter(phone, [await vouch(owner, phone)]);
  expect(isTrusted(tablet)).toBe(false);
});

test("whom a caller vouched for is known when the hub brings a statement later", async () => {
  const { owner, phone, tablet, genuine } = await makeFamily();
  await enter(owner, [await vouch(owner, phone)]);
  await trust.acceptRevocations([genuine]);
  expect(isTrusted(tablet)).toBe(false);
});

test("callers who bring too much hear it, and keep nothing of the hub's out", async () => {
  const { tablet } = await makeFamily();
  const flood = Array.from({ length: trustBounds.waitingRevocations }, () => new Uint8Array(1));
  const first = trust.acceptRevocations(flood, []);
  expect(await trust.acceptRevocations([await revoke(tablet, tablet, 1)], [])).toBe("full");
  const ofHub = trust.acceptRevocations([await revoke(tablet, tablet, 2)]);
  expect(await first).toBe("taken");
  expect(await ofHub).toBe("taken");
  expect(isTrusted(tablet)).toBe(false);
});

/** The last byte of a signed statement is one of its signature. */
function spoil(signed: Uint8Array): Uint8Array {
  const spoilt = signed.slice();
  spoilt[spoilt.length - 1] = (spoilt.at(-1) ?? 0) ^ 1;
  return spoilt;
}
