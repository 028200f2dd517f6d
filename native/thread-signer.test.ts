import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { noblePrimitives as noble } from "@leapmux/shared/noise/noble-primitives.ts";
import { makeNobleSigner } from "@leapmux/shared/noise/noble-signer.ts";
import type { Signer } from "@leapmux/shared/noise/primitives.ts";
import { nativePrimitives as native } from "./native-primitives.ts";
import { generateSlhDsaKey } from "./native-signer.ts";
import { nodeRandom as random } from "./node-platform.ts";
import { makeThreadSigner, type ThreadSigner, type ThreadSignerOptions } from "./thread-signer.ts";

const context = new TextEncoder().encode("leapmux-e2ee-v1 handshake");
const message = random(64);
const key = generateSlhDsaKey() ?? new Uint8Array(0);
const started: ThreadSigner[] = [];

function start(options: Partial<ThreadSignerOptions> = {}): ThreadSigner {
  const signer = makeThreadSigner({ key, threads: 1, ...options });
  started.push(signer);
  return signer;
}

beforeAll(() => expect(key).toHaveLength(128));
afterAll(() => Promise.all(started.map((signer) => signer.stop())));

describe.each<[string, () => Signer]>([
  ["native", () => start()],
  ["native from a bare seed", () => start({ key: key.slice(0, 96) })],
  ["noble", () => makeNobleSigner(key, random)],
  ["noble in a thread", () => start({ implementation: "noble" })],
])("a signature by %s", (_name, make) => {
  test("is verified by both sides for its key, message and context only", async () => {
    const signer = make();
    expect(signer.publicKey).toEqual(key.slice(64));
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

test("signing leaves the event loop free", async () => {
  const signer = start();
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

test.each([1, 2])(
  "three signatures asked at once of %i threads each get their own",
  async (threads) => {
    const signer = start({ threads });
    const messages = [random(64), random(64), random(64)];
    const signatures = await Promise.all(messages.map((each) => signer.sign(each, context)));
    signatures.forEach((signature, index) => {
      const signed = messages[index] ?? message;
      expect(native.slhDsaVerify(signer.publicKey, signed, context, signature)).toBe(true);
    });
  },
);

test("what is due when it stops fails, and so does what comes later", async () => {
  const signer = start();
  onTestFinished(() => signer.stop());
  const due = Promise.allSettled([signer.sign(message, context), signer.sign(message, context)]);
  await signer.stop();
  expect((await due).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await expect(signer.sign(message, context)).rejects.toThrow("the signing threads ended");
});

test("a key of another length is refused", () => {
  expect(() => start({ key: new Uint8Array(64) })).toThrow(RangeError);
});
