import {
  generateDeviceSecrets,
  makeDeviceSigner,
  verifyDeviceSignature,
} from "@leapmux/shared/identity/device-key.ts";
import { makeNobleDevicePrimitives } from "@leapmux/shared/identity/noble-device-primitives.ts";
import { describe, expect, test } from "vitest";
import { nativeDevicePrimitives as native } from "./native-device-primitives.ts";
import { nodeRandom as random } from "./node-platform.ts";

const noble = makeNobleDevicePrimitives(random);
const pairs = [
  ["noble to native", noble, native],
  ["native to noble", native, noble],
] as const;

describe.each(pairs)("%s", (_name, signing, verifying) => {
  test("the same secrets are the same device, and what one signs the other verifies", async () => {
    const secrets = generateDeviceSecrets(random);
    const signer = makeDeviceSigner(signing, secrets);
    expect(makeDeviceSigner(verifying, secrets).publicKey).toEqual(signer.publicKey);
    for (const length of [0, 1, 150, 5_000]) {
      const message = random(length);
      const signature = await signer.sign(message);
      const verify = (key: Uint8Array, of: Uint8Array, by: Uint8Array) =>
        verifyDeviceSignature(verifying, key, of, by);
      expect(verify(signer.publicKey, message, signature)).toBe(true);
      expect(verify(signer.publicKey, random(length + 1), signature)).toBe(false);
      for (let at = 0; at < signature.length; at += 97) {
        const altered = signature.with(at, (signature[at] ?? 0) ^ 4);
        expect(verify(signer.publicKey, message, altered)).toBe(false);
      }
      for (let at = 0; at < 32; at++) {
        const key = signer.publicKey.with(at, (signer.publicKey[at] ?? 0) ^ 1);
        expect(verify(key, message, signature)).toBe(false);
      }
    }
  });

  test("sizes other than the exact ones are refused", () => {
    const [key, message] = [random(32), random(10)];
    expect(verifying.ed25519Verify(key.subarray(1), message, random(64))).toBe(false);
    expect(verifying.ed25519Verify(key, message, random(65))).toBe(false);
    expect(verifying.mlDsaVerify(random(1951), message, random(3309))).toBe(false);
    expect(verifying.mlDsaVerify(random(1952), message, random(3308))).toBe(false);
    expect(verifying.mlDsaVerify(random(1952), message, random(3309))).toBe(false);
    expect(() => signing.mlDsaSign(verifying.mlDsaKeyPair(random(32)), message)).toThrow(TypeError);
  });

  test("public keys of low order and non-canonical ones are refused, whatever the signature", () => {
    // The y coordinates of the points of order 1, 2, 4 and 8, with either sign of x.
    const lowOrder = [
      `01${"00".repeat(31)}`,
      `ec${"ff".repeat(30)}7f`,
      "00".repeat(32),
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ].map((hex) => new Uint8Array(Buffer.from(hex, "hex")));
    const keys = lowOrder.flatMap((key) => [key, key.with(31, (key[31] ?? 0) | 0x80)]);
    for (let low = 0xed; low <= 0xff; low++) {
      keys.push(new Uint8Array(32).fill(0xff).with(0, low).with(31, 0x7f));
    }
    // R = A and S = 0 verify where k·A = −A; over enough messages that happens for each order.
    for (const key of keys) {
      for (let count = 0; count < 20; count++) {
        const signature = new Uint8Array(64);
        signature.set(key);
        expect(verifying.ed25519Verify(key, random(4), signature)).toBe(false);
        signature.set(lowOrder[0] ?? key);
        expect(verifying.ed25519Verify(key, random(4), signature)).toBe(false);
      }
    }
  });
});
