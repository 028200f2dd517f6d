import { beforeAll, describe, expect, test } from "vitest";
import { noblePrimitives as noble } from "@leapmux/shared/noise/noble-primitives.ts";
import { makeNobleSigner } from "@leapmux/shared/noise/noble-signer.ts";
import type { Signer } from "@leapmux/shared/noise/primitives.ts";
import { nativePrimitives as native } from "./native-primitives.ts";
import { generateSlhDsaKey, makeSigner } from "./native-signer.ts";
import { nodeRandom as random } from "./node-platform.ts";
import { makeThreadSigner } from "./thread-signer.ts";

const context = new TextEncoder().encode("leapmux-e2ee-v1 handshake");
const message = random(64);
let secretKey: Uint8Array;

beforeAll(() => {
  secretKey = generateSlhDsaKey() ?? new Uint8Array(0);
});

describe.each<[string, () => Promise<Signer>]>([
  ["native", () => makeSigner(secretKey)],
  ["native from a bare seed", () => makeSigner(secretKey.slice(0, 96))],
  ["noble", async () => makeNobleSigner(secretKey, random)],
  ["noble in a thread", async () => makeThreadSigner(secretKey)],
])("a signature by %s", (_name, make) => {
  test("is verified by both sides for its key, message and context only", async () => {
    const signer = await make();
    expect(signer.publicKey).toEqual(secretKey.slice(64));
    const signature = await signer.sign(message, context);
    expect(signature).toHaveLength(49_856);
    for (const { slhDsaVerify } of [noble, native]) {
      const { publicKey } = signer;
      expect(slhDsaVerify(publicKey, message, context, signature)).toBe(true);
      expect(slhDsaVerify(publicKey, random(64), context, signature)).toBe(false);
      expect(slhDsaVerify(publicKey, message, new Uint8Array(0), signature)).toBe(false);
      expect(slhDsaVerify(random(64), message, context, signature)).toBe(false);
      expect(slhDsaVerify(publicKey.slice(1), message, context, signature)).toBe(false);
      expect(slhDsaVerify(publicKey, message, context, signature.slice(1))).toBe(false);
      for (const at of [0, 100, 30_000, 49_855]) {
        const changed = signature.with(at, (signature[at] ?? 0) ^ 1);
        expect(slhDsaVerify(publicKey, message, context, changed)).toBe(false);
      }
    }
  });
});

test("native signing leaves the event loop free", async () => {
  const signer = await makeSigner(secretKey);
  const order: string[] = [];
  const signature = signer.sign(message, context).then(() => order.push("signature"));
  for (let turn = 0; turn < 10; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    order.push("turn");
  }
  await signature;
  // Turns that come before the signature can only be had when it is made elsewhere.
  expect(order.at(-1)).toBe("signature");
});

test("several signatures asked of the thread at once each get their own", async () => {
  const signer = makeThreadSigner(secretKey);
  const messages = [random(64), random(64)];
  const signatures = await Promise.all(messages.map((each) => signer.sign(each, context)));
  signatures.forEach((signature, index) => {
    const signed = messages[index] ?? message;
    expect(native.slhDsaVerify(signer.publicKey, signed, context, signature)).toBe(true);
  });
});

test("a key of another length is refused", async () => {
  await expect(makeSigner(new Uint8Array(64))).rejects.toThrow(RangeError);
});
