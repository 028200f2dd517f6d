import { describe, expect, test } from "vitest";
import { noblePrimitives } from "../noise/noble-primitives.ts";
import { makeTestRandom } from "../noise/test-random.ts";
import { decodeBase64url, encodeBase64url } from "./base64url.ts";
import { deviceIdOf, isDeviceId } from "./device-id.ts";
import { generateDeviceSecrets, makeDeviceSigner, verifyDeviceSignature } from "./device-key.ts";
import { deviceFingerprint, fingerprint } from "./fingerprint.ts";
import { makeNobleDevicePrimitives } from "./noble-device-primitives.ts";
import {
  checkDeviceMac,
  checkWorkerMac,
  formatPairingKey,
  generatePairingSecret,
  makeDeviceMac,
  makeWorkerMac,
  parsePairingKey,
} from "./pairing.ts";
import { isUserId, signClaim, verifyClaimSignature } from "./sign-claim.ts";

const random = makeTestRandom("device-key.test");
const primitives = makeNobleDevicePrimitives();
const signer = makeDeviceSigner(primitives, generateDeviceSecrets(random));
const other = makeDeviceSigner(primitives, generateDeviceSecrets(random));
const { publicKey } = signer;

describe("a device key", () => {
  test("signs with both schemes, and both must verify", async () => {
    expect(publicKey).toHaveLength(1984);
    const message = random(100);
    const signature = await signer.sign(message);
    expect(signature).toHaveLength(3373);
    const verify = (key: Uint8Array, signed: Uint8Array, by: Uint8Array) =>
      verifyDeviceSignature(primitives, key, signed, by);
    expect(verify(publicKey, message, signature)).toBe(true);

    const foreign = await other.sign(message);
    const half = (first: Uint8Array, second: Uint8Array, at: number) =>
      new Uint8Array([...first.subarray(0, at), ...second.subarray(at)]);
    expect(verify(publicKey, message, half(signature, foreign, 64))).toBe(false);
    expect(verify(publicKey, message, half(foreign, signature, 64))).toBe(false);
    expect(verify(half(publicKey, other.publicKey, 32), message, signature)).toBe(false);
    expect(verify(half(other.publicKey, publicKey, 32), message, signature)).toBe(false);
    expect(verify(publicKey, random(100), signature)).toBe(false);
    for (const at of [0, 63, 64, 3372]) {
      expect(verify(publicKey, message, signature.with(at, (signature[at] ?? 0) ^ 1))).toBe(false);
    }
  });

  test("of any other size is refused", async () => {
    const message = random(3);
    const signature = await signer.sign(message);
    for (const length of [0, 32, 64, 1983, 3372]) {
      const cut = signature.subarray(0, length);
      expect(verifyDeviceSignature(primitives, publicKey, message, cut)).toBe(false);
      const key = publicKey.subarray(0, Math.min(length, 1983));
      expect(verifyDeviceSignature(primitives, key, message, signature)).toBe(false);
    }
  });

  test("of low order, under which anything would verify, is refused", () => {
    // The neutral element: R = S·B holds for S = 0 and any message.
    const neutral = new Uint8Array(32).with(0, 1);
    const signature = new Uint8Array(64).with(0, 1);
    expect(primitives.ed25519Verify(neutral, random(5), signature)).toBe(false);
  });

  test("has an id and words of its own", async () => {
    expect(deviceIdOf(publicKey)).toMatch(/^dev_[\w-]{22}$/);
    expect(isDeviceId(deviceIdOf(publicKey))).toBe(true);
    expect(isDeviceId("dev_x")).toBe(false);
    expect(deviceIdOf(publicKey)).not.toBe(deviceIdOf(other.publicKey));
    const { words } = await deviceFingerprint(publicKey);
    expect(words).toHaveLength(4);
    expect(words).not.toEqual((await fingerprint(publicKey)).words);
  });
});

describe("a claim", () => {
  test("is good for its channel, user and device alone", async () => {
    const binding = random(64);
    const signature = await signClaim(signer, binding, "usr_ann");
    const claim = { devicePublicKey: publicKey, signature, binding, userId: "usr_ann" };
    expect(verifyClaimSignature(primitives, claim)).toBe(true);
    const changes = [
      { userId: "usr_an" },
      { userId: "usr_ann2" },
      { userId: "" },
      { binding: binding.with(0, (binding[0] ?? 0) ^ 1) },
      { binding: binding.subarray(1) },
      { devicePublicKey: other.publicKey },
      { signature: signature.with(70, (signature[70] ?? 0) ^ 1) },
      { signature: new Uint8Array(0) },
    ];
    for (const change of changes) {
      expect(verifyClaimSignature(primitives, { ...claim, ...change })).toBe(false);
    }
    await expect(signClaim(signer, binding.subarray(1), "ann")).rejects.toThrow(RangeError);
  });

  test("names users in ASCII without spaces", () => {
    expect(["a", "usr_1", "x".repeat(64)].every(isUserId)).toBe(true);
    expect(["", " ", "a b", "a\0", "ä", "x".repeat(65)].some(isUserId)).toBe(false);
  });
});

describe("pairing", () => {
  const secret = generatePairingSecret(random);
  const compositeKey = random(1664);
  const worker = { workerId: "wrk_1", compositeKey };
  const device = { userId: "usr_ann", devicePublicKey: publicKey, compositeKey };

  test("the worker's mac fits its id and key under this secret only", () => {
    const mac = makeWorkerMac(noblePrimitives, secret, worker);
    expect(mac).toHaveLength(64);
    const check = (changes: Partial<typeof worker>, by = mac, under = secret) =>
      checkWorkerMac(noblePrimitives, under, { ...worker, ...changes }, by);
    expect(check({})).toBe(true);
    expect(check({ workerId: "wrk_2" })).toBe(false);
    expect(check({ workerId: "" })).toBe(false);
    expect(check({ compositeKey: random(1664) })).toBe(false);
    expect(check({ compositeKey: compositeKey.subarray(1) })).toBe(false);
    expect(check({}, mac.subarray(1))).toBe(false);
    expect(check({}, mac.with(63, (mac[63] ?? 0) ^ 1))).toBe(false);
    expect(check({}, mac, random(32))).toBe(false);
    expect(check({}, mac, new Uint8Array(0))).toBe(false);
  });

  test("the device's mac fits its user, key and worker under this secret only", () => {
    const mac = makeDeviceMac(noblePrimitives, secret, device);
    const check = (changes: Partial<typeof device>, by = mac, under = secret) =>
      checkDeviceMac(noblePrimitives, under, { ...device, ...changes }, by);
    expect(check({})).toBe(true);
    expect(check({ userId: "usr_bob" })).toBe(false);
    expect(check({ userId: "usr_ann\0" })).toBe(false);
    expect(check({ devicePublicKey: other.publicKey })).toBe(false);
    expect(check({ devicePublicKey: publicKey.subarray(1) })).toBe(false);
    expect(check({ compositeKey: random(1664) })).toBe(false);
    expect(check({}, mac.with(0, (mac[0] ?? 0) ^ 1))).toBe(false);
    expect(check({}, mac, random(32))).toBe(false);
    expect(mac).not.toEqual(makeWorkerMac(noblePrimitives, secret, worker));
  });

  test("the secret stands behind the dot of the registration key", () => {
    const key = formatPairingKey("lmk_abc", secret);
    expect(key).toMatch(/^lmk_abc\.[\w-]{43}$/);
    expect(parsePairingKey(key)).toEqual({ registrationKey: "lmk_abc", secret });
    expect(parsePairingKey("lmk_abc")).toEqual({ registrationKey: "lmk_abc", secret: null });
    for (const damaged of [`${key}A`, key.slice(0, -1), "lmk_abc.", `${key}.x`]) {
      expect(parsePairingKey(damaged)).toBeNull();
    }
  });
});

test("base64url is the one that everybody writes, and reads nothing else", () => {
  for (let length = 0; length < 70; length++) {
    const bytes = random(length);
    const text = encodeBase64url(bytes);
    expect(text).toBe(Buffer.from(bytes).toString("base64url"));
    expect(decodeBase64url(text, length)).toEqual(bytes);
    expect(decodeBase64url(`${text}A`, length)).toBeNull();
    if (length > 0) expect(decodeBase64url(text.slice(1), length)).toBeNull();
  }
  expect(decodeBase64url("AB", 1)).toBeNull();
  expect(decodeBase64url("A=", 1)).toBeNull();
  expect(decodeBase64url("A+", 1)).toBeNull();
});
