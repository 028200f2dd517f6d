import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { noblePrimitives as noble } from "@leapmux/shared/noise/noble-primitives.ts";
import { makeNobleSigner } from "@leapmux/shared/noise/noble-signer.ts";
import type { Signer } from "@leapmux/shared/noise/primitives.ts";
import { makeManualClock } from "@leapmux/shared/platform/manual-clock.ts";
import { nativePrimitives as native } from "./native-primitives.ts";
import { generateSlhDsaKey } from "./native-signer.ts";
import { nodeRandom as random } from "./node-platform.ts";
import {
  makeThreadSigner,
  signerPauseMs,
  type ThreadSigner,
  type ThreadSignerOptions,
} from "./thread-signer.ts";

const context = new TextEncoder().encode("leapmux-e2ee-v1 handshake");
const message = random(64);
const key = generateSlhDsaKey() ?? new Uint8Array(0);
const started: ThreadSigner[] = [];

function start(options: Partial<ThreadSignerOptions> = {}): ThreadSigner {
  const signer = makeThreadSigner({ key, threads: 1, ...options });
  started.push(signer);
  return signer;
}

/** FIPS 205 §10.2: at most 255 bytes of context. With more, a thread throws. */
const deadlyContext = new Uint8Array(256);

/** The threads that were given something to sign, in the order of that. */
function watchThreads(): Worker[] {
  const threads: Worker[] = [];
  // oxlint-disable-next-line typescript/unbound-method -- called with its thread below
  const post = Worker.prototype.postMessage;
  const spy = vi.spyOn(Worker.prototype, "postMessage").mockImplementation(function (
    this: Worker,
    ...parameters
  ) {
    threads.push(this);
    post.apply(this, parameters);
  });
  onTestFinished(() => spy.mockRestore());
  return threads;
}

function verify(signer: Signer, signature: Uint8Array): boolean {
  return native.slhDsaVerify(signer.publicKey, message, context, signature);
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
  await expect(signer.sign(message, context)).rejects.toMatchObject({ code: "stopped" });
});

test("a thread that throws fails its own signature only; the next have a new thread", async () => {
  const signer = start();
  const failed = signer.sign(message, deadlyContext);
  const waiting = signer.sign(message, context);
  await expect(failed).rejects.toMatchObject({
    name: "SignerError",
    code: "thread_ended",
    cause: expect.any(Error),
  });
  expect(verify(signer, await waiting)).toBe(true);
  expect(verify(signer, await signer.sign(message, context))).toBe(true);
});

test("a thread that ends without a word fails its own signature only", async () => {
  const threads = watchThreads();
  const signer = start({ threads: 2 });
  const [failed, other] = [signer.sign(message, context), signer.sign(message, context)];
  void threads[0]?.terminate();
  await expect(failed).rejects.toMatchObject({ code: "thread_ended" });
  expect(verify(signer, await other)).toBe(true);
  expect(verify(signer, await signer.sign(message, context))).toBe(true);
});

test("a thread that ends while it has nothing to do is replaced", async () => {
  const threads = watchThreads();
  const signer = start();
  await signer.sign(message, context);
  await threads[0]?.terminate();
  expect(verify(signer, await signer.sign(message, context))).toBe(true);
});

test("it stops every thread, one that signs beside another that failed too", async () => {
  const threads = watchThreads();
  const signer = start({ threads: 2 });
  const due = [signer.sign(message, deadlyContext), signer.sign(message, context)];
  const ended = Promise.allSettled(due);
  await expect(due[0]).rejects.toThrow("a signing thread ended");
  await signer.stop();
  expect((await ended).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(threads).toHaveLength(2);
  // What a thread has that is gone.
  expect(threads.map((thread) => thread.threadId)).toEqual([-1, -1]);
});

test("after five failures in a row it refuses at once for a while, then tries again", async () => {
  const threads = watchThreads();
  const clock = makeManualClock();
  const signer = start({ clock });
  const failures = Array.from({ length: 6 }, () => signer.sign(message, deadlyContext));
  const codes = (await Promise.allSettled(failures)).map(
    (result) => result.status === "rejected" && (result.reason as { code?: string }).code,
  );
  // The sixth waited for a thread and is given none.
  expect(codes).toEqual([...Array.from({ length: 5 }, () => "thread_ended"), "paused"]);
  await expect(signer.sign(message, context)).rejects.toThrow(
    "signing threads failed 5 times in a row",
  );
  expect(threads).toHaveLength(5);

  // One try, and after another failure the same again.
  clock.advance(signerPauseMs);
  await expect(signer.sign(message, deadlyContext)).rejects.toMatchObject({ code: "thread_ended" });
  await expect(signer.sign(message, context)).rejects.toMatchObject({ code: "paused" });
  clock.advance(signerPauseMs);
  expect(verify(signer, await signer.sign(message, context))).toBe(true);
  // A signature between: four failures are few again.
  for (let count = 0; count < 4; count++) {
    await expect(signer.sign(message, deadlyContext)).rejects.toMatchObject({
      code: "thread_ended",
    });
  }
  expect(verify(signer, await signer.sign(message, context))).toBe(true);
});

test("a key of another length is refused", () => {
  expect(() => start({ key: new Uint8Array(64) })).toThrow(RangeError);
});
