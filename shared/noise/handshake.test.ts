import { beforeAll, describe, expect, test } from "vitest";
import { generateWorkerSecrets, type WorkerSecrets } from "../identity/worker-secrets.ts";
import { decodeHex } from "../identity/hex.ts";
import type { Random } from "../platform/platform.ts";
import { type AnsweredHandshake, answerHandshake } from "./answer-handshake.ts";
import { noblePrimitives } from "./noble-primitives.ts";
import { makeNobleSigner } from "./noble-signer.ts";
import type { EncryptionMode, Signer } from "./primitives.ts";
import { startHandshake, type StartHandshakeOptions } from "./start-handshake.ts";
import { makeTestRandom } from "./test-random.ts";

const fresh = makeTestRandom("handshake.test");
/** Stands in where the handshake fails before the signature is looked at. */
const noSigner: Signer = {
  publicKey: new Uint8Array(64),
  sign: async () => new Uint8Array(49_856),
};
const names = { workerId: "wkr_1", channelId: "channel-1" };
let worker: WorkerSecrets;

beforeAll(() => {
  worker = generateWorkerSecrets(noblePrimitives, fresh);
});

function start(mode: EncryptionMode, changes: Partial<StartHandshakeOptions> = {}) {
  return startHandshake({
    primitives: noblePrimitives,
    random: fresh,
    mode,
    ...names,
    workerKey: worker.compositePublicKey,
    ...changes,
  });
}

function started(mode: EncryptionMode, changes: Partial<StartHandshakeOptions> = {}) {
  const handshake = start(mode, changes);
  if (!handshake.ok) throw new Error(handshake.message);
  return handshake;
}

function answer(
  mode: EncryptionMode,
  message1: Uint8Array,
  changes: Partial<Parameters<typeof answerHandshake>[0]> = {},
): Promise<AnsweredHandshake> {
  return answerHandshake({
    primitives: noblePrimitives,
    random: fresh,
    signer: noSigner,
    mode,
    ...names,
    identity: worker,
    message1,
    ...changes,
  });
}

function flip(bytes: Uint8Array, at: number, bit = 1): Uint8Array {
  const changed = bytes.slice();
  changed[at] = (changed[at] ?? 0) ^ bit;
  return changed;
}

function replay(values: readonly Uint8Array[]): Random {
  let next = 0;
  return () => (values[next++] ?? new Uint8Array(0)).slice();
}

const notAuthentic = { ok: false, reason: "handshake_failed" };

describe("classic", () => {
  test("both ends have the same keys and binding, different from those of every other handshake", async () => {
    const results = [];
    for (let run = 0; run < 2; run++) {
      const client = started("classic");
      const answered = await answer("classic", client.message1);
      if (!answered.ok) throw new Error(answered.message);
      const finished = client.finish(answered.message2);
      expect(finished).toEqual({ ok: true, keys: answered.keys, binding: answered.binding });
      expect(answered.keys.clientToWorker).not.toEqual(answered.keys.workerToClient);
      results.push(finished);
    }
    expect(results[0]).not.toEqual(results[1]);
  });

  test.each([0, 31, 32, 47])("a changed byte %i of message 1 is noticed", async (at) => {
    const { message1 } = started("classic");
    expect(await answer("classic", flip(message1, at))).toMatchObject(notAuthentic);
  });

  test("even the bit of a point that X25519 ignores is noticed", async () => {
    const { message1 } = started("classic");
    expect(await answer("classic", flip(message1, 31, 0x80))).toMatchObject(notAuthentic);
  });

  test.each([0, 31, 32, 47])("a changed byte %i of message 2 is noticed", async (at) => {
    const client = started("classic");
    const answered = await answer("classic", client.message1);
    if (!answered.ok) throw new Error(answered.message);
    expect(client.finish(flip(answered.message2, at))).toMatchObject(notAuthentic);
  });

  test.each([
    ["worker id", { workerId: "wkr_2" }],
    ["channel id", { channelId: "channel-2" }],
  ])("another %s at the worker fails", async (_what, changes) => {
    const { message1 } = started("classic");
    expect(await answer("classic", message1, changes)).toMatchObject(notAuthentic);
  });

  test("message 1 of post-quantum mode cut to the length of classic fails by the prologue", async () => {
    const { message1 } = started("post-quantum");
    expect(await answer("classic", message1.slice(0, 48))).toMatchObject({
      message: "noise: message 1 does not authenticate",
    });
  });

  test("a worker with another key cannot answer", async () => {
    const { message1 } = started("classic");
    const other = { ...worker, x25519PrivateKey: fresh(32) };
    expect(await answer("classic", message1, { identity: other })).toMatchObject(notAuthentic);
  });
});

describe("hostile input", () => {
  test.each(["classic", "post-quantum"] as const)("%s refuses lengths off by one", async (mode) => {
    const client = started(mode);
    const explode = () => {
      throw new Error("cryptography before the length was checked");
    };
    for (const length of [0, client.message1.length - 1, client.message1.length + 1]) {
      const changes = { random: explode };
      expect(await answer(mode, new Uint8Array(length), changes)).toMatchObject({
        message: "noise: message 1 has the wrong length",
      });
    }
    const message2Length = mode === "classic" ? 48 : 49_904;
    for (const length of [0, message2Length - 1, message2Length + 1]) {
      expect(started(mode).finish(new Uint8Array(length))).toMatchObject({
        message: "noise: message 2 has the wrong length",
      });
    }
  });

  test.each(lowOrderPoints())("the point of low order %s is refused everywhere", async (hex) => {
    const point = decodeHex(hex, 32) ?? fresh(32);
    const workerKey = worker.compositePublicKey.slice();
    workerKey.set(point);
    expect(start("classic", { workerKey })).toMatchObject(notAuthentic);

    const client = started("classic");
    const message1 = client.message1.slice();
    message1.set(point);
    expect(await answer("classic", message1)).toMatchObject(notAuthentic);

    const message2 = fresh(48);
    message2.set(point);
    expect(client.finish(message2)).toMatchObject(notAuthentic);
  });

  test("a worker key of wrong length or with a malformed ML-KEM key is refused", () => {
    const key = worker.compositePublicKey;
    expect(start("classic", { workerKey: key.slice(1) })).toMatchObject(notAuthentic);
    const malformed = key.slice();
    // Twelve bits of ones are above the modulus (FIPS 203 §7.2).
    malformed.fill(0xff, 32, 35);
    expect(start("post-quantum", { workerKey: malformed })).toMatchObject(notAuthentic);
  });

  test("ids that no prologue can hold are refused", async () => {
    expect(start("classic", { channelId: "c".repeat(65) })).toMatchObject(notAuthentic);
    const { message1 } = started("classic");
    expect(await answer("classic", message1, { workerId: "ä" })).toMatchObject(notAuthentic);
  });
});

describe("secrets", () => {
  test("every ephemeral is zeroed once the handshake is over, whatever its end", async () => {
    const drawn: Uint8Array[] = [];
    const watched: Random = (length) => {
      const bytes = fresh(length);
      drawn.push(bytes);
      return bytes;
    };
    const client = started("post-quantum", { random: watched });
    await answer("post-quantum", client.message1, { random: watched });
    client.finish(new Uint8Array(49_904));
    await answer("post-quantum", new Uint8Array(1616), { random: watched });
    started("post-quantum", { random: watched }).destroy();
    expect(drawn).toHaveLength(6);
    for (const bytes of drawn) expect(bytes).toEqual(new Uint8Array(32));
  });

  test("a handshake finishes once", async () => {
    const client = started("classic");
    const answered = await answer("classic", client.message1);
    if (!answered.ok) throw new Error(answered.message);
    expect(client.finish(answered.message2).ok).toBe(true);
    expect(client.finish(answered.message2)).toMatchObject(notAuthentic);
    const given = started("classic");
    given.destroy();
    expect(given.finish(answered.message2)).toMatchObject(notAuthentic);
  });
});

describe("post-quantum", () => {
  const signatureFailure = {
    ok: false,
    reason: "handshake_failed",
    message: "noise-hybrid: SLH-DSA signature verification failed",
  };
  let clientRandom: Uint8Array[];
  let message2: Uint8Array;
  let answered: AnsweredHandshake & { ok: true };

  // noble signs in about a second: once, and every test below starts the same client anew.
  beforeAll(async () => {
    clientRandom = [fresh(32), fresh(32)];
    const signer = makeNobleSigner(worker.slhDsaSecretKey, fresh);
    const result = await answer("post-quantum", sameClient().message1, { signer });
    if (!result.ok) throw new Error(result.message);
    answered = result;
    message2 = result.message2;
  });

  function sameClient(changes: Partial<StartHandshakeOptions> = {}) {
    return started("post-quantum", { random: replay(clientRandom), ...changes });
  }

  test("both ends have the same keys and binding", () => {
    const { keys, binding } = answered;
    expect(sameClient().finish(message2)).toEqual({ ok: true, keys, binding });
  });

  test.each([48, 48 + 31, 80, 20_000, 40_000, 49_903])(
    "a changed byte %i of the signature has its own error",
    (at) => {
      expect(sameClient().finish(flip(message2, at))).toEqual(signatureFailure);
    },
  );

  test.each([0, 31, 32, 47])("a changed byte %i before the signature is noticed", (at) => {
    expect(sameClient().finish(flip(message2, at))).toMatchObject(notAuthentic);
  });

  test("a worker key with another signing key fails by the signature", () => {
    const workerKey = flip(worker.compositePublicKey, 1663);
    expect(sameClient({ workerKey }).finish(message2)).toEqual(signatureFailure);
  });

  test("a hub that exchanged only the ML-KEM key fails by the signature", async () => {
    const mine = noblePrimitives.mlKemKeyPair(fresh(64));
    const workerKey = worker.compositePublicKey.slice();
    workerKey.set(mine.encapsulationKey, 32);
    const client = started("post-quantum", { workerKey });
    // Implicit rejection: the worker goes on with another shared secret and signs that.
    const signer = makeNobleSigner(worker.slhDsaSecretKey);
    const result = await answer("post-quantum", client.message1, { signer });
    if (!result.ok) throw new Error(result.message);
    expect(client.finish(result.message2)).toEqual(signatureFailure);
  });

  test.each([48, 800, 1615])("a changed byte %i of the ciphertext is noticed", async (at) => {
    const client = sameClient();
    const result = await answer("post-quantum", flip(client.message1, at));
    if (!result.ok) throw new Error(result.message);
    expect(client.finish(result.message2)).toMatchObject(notAuthentic);
  });

  test.each([0, 31, 32, 47])("a changed byte %i of message 1 is noticed", async (at) => {
    const changed = flip(sameClient().message1, at);
    expect(await answer("post-quantum", changed)).toMatchObject(notAuthentic);
  });
});

/** Every encoding of a point of order 1, 2, 4 or 8, on curve or twist, non-canonical ones included. */
function lowOrderPoints(): string[] {
  const canonical = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ];
  return canonical.flatMap((hex) => {
    const last = Number.parseInt(hex.slice(62), 16) | 0x80;
    return [hex, hex.slice(0, 62) + last.toString(16)];
  });
}
