import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { fingerprint } from "@leapmux/shared/identity/fingerprint.ts";
import {
  decodeWorkerSecrets,
  encodeWorkerSecrets,
  generateWorkerSecrets,
  type StoredWorkerSecrets,
} from "@leapmux/shared/identity/worker-secrets.ts";
import { answerHandshake } from "@leapmux/shared/noise/answer-handshake.ts";
import { noblePrimitives as noble } from "@leapmux/shared/noise/noble-primitives.ts";
import { answerRekey, deriveRekeyedKey, startRekey } from "@leapmux/shared/noise/rekey.ts";
import { startHandshake } from "@leapmux/shared/noise/start-handshake.ts";
import { nativePrimitives as native } from "./native-primitives.ts";
import { nativeScrypt } from "./native-scrypt.ts";
import { generateSlhDsaKey } from "./native-signer.ts";
import { nodeRandom as random } from "./node-platform.ts";
import { makeThreadSigner } from "./thread-signer.ts";

let stored: StoredWorkerSecrets;

beforeAll(() => {
  stored = encodeWorkerSecrets(generateWorkerSecrets(native, random, generateSlhDsaKey()));
});

describe.each([
  ["noble client, native worker", noble, native],
  ["native client, noble worker", native, noble],
  ["native on both ends", native, native],
] as const)("%s", (_name, client, worker) => {
  test.each(["classic", "post-quantum"] as const)("%s handshake", async (mode) => {
    const identity = decodeWorkerSecrets(worker, stored);
    if (!identity) throw new Error("refused");
    const both = { random, mode, workerId: "wkr_1", channelId: "channel-1" };

    const started = startHandshake({
      ...both,
      primitives: client,
      workerKey: identity.compositePublicKey,
    });
    if (!started.ok) throw new Error(started.message);
    const signer = makeThreadSigner({ key: identity.slhDsaSecretKey, threads: 1 });
    onTestFinished(() => signer.stop());
    const answered = await answerHandshake({
      ...both,
      primitives: worker,
      signer,
      identity,
      message1: started.message1,
    });
    if (!answered.ok) throw new Error(answered.message);
    const { keys, binding } = answered;
    expect(started.finish(answered.message2)).toEqual({ ok: true, keys, binding });
    // Zeroing what the handshake used must not have reached what it gave.
    expect(keys.clientToWorker.some((byte) => byte !== 0)).toBe(true);
    expect(keys.workerToClient.some((byte) => byte !== 0)).toBe(true);
    expect(identity.x25519PrivateKey.some((byte) => byte !== 0)).toBe(true);
  });

  test.each(["classic", "post-quantum"] as const)("%s rekey", (mode) => {
    const asking = startRekey({ primitives: client, random, mode });
    const { ePub, kemEk } = asking;
    const answer = answerRekey({ primitives: worker, random, mode, ePub, kemEk });
    if (!answer) throw new Error("refused");
    const secret = asking.finish(answer.ePub, answer.kemCt);
    if (!secret) throw new Error("refused");
    expect(secret).toEqual(answer.secret);
    const key = random(32);
    const rekeyed = deriveRekeyedKey(client, key, secret);
    expect(rekeyed).toEqual(deriveRekeyedKey(worker, key, secret));
    expect(rekeyed.some((byte) => byte !== 0)).toBe(true);
  });
});

test("native scrypt gives the same fingerprint", async () => {
  const key = random(1664);
  expect(await fingerprint(key, nativeScrypt)).toEqual(await fingerprint(key));
});
