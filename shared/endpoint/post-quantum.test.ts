import { expect, test } from "vitest";
import { generateWorkerSecrets } from "../identity/worker-secrets.ts";
import { mlKemPublicKeyBytes, openTimeoutMs, rekeyAgeMs } from "../limits/limits.ts";
import { noblePrimitives } from "../noise/noble-primitives.ts";
import { makeNobleSigner } from "../noise/noble-signer.ts";
import type { Signer } from "../noise/primitives.ts";
import { encodeMessage } from "../wire/encode-message.ts";
import { makeTestRandom } from "../noise/test-random.ts";
import { makeTestChannel } from "./test-channel.ts";

/** Signatures are tested in shared/noise; here they only cost a second each, so that one is real. */
function makeIdentity() {
  const secrets = generateWorkerSecrets(noblePrimitives, makeTestRandom(4));
  return { secrets, signer: makeNobleSigner(secrets.slhDsaSecretKey) };
}

const believing = { ...noblePrimitives, slhDsaVerify: () => true };
const scribbling: Signer = {
  publicKey: new Uint8Array(64),
  sign: () => Promise.resolve(new Uint8Array(49_856)),
};

async function makePostQuantum(real: boolean) {
  const { secrets, signer } = makeIdentity();
  return makeTestChannel({
    primitives: real ? noblePrimitives : believing,
    initiator: { mode: "post-quantum", workerKey: secrets.compositePublicKey },
    responder: {
      mode: "post-quantum",
      identity: secrets,
      signer: real ? signer : scribbling,
    },
  });
}

test("claim, ping and rekey request go in one flight, and the first call under new keys", async () => {
  const channel = await makePostQuantum(true);
  const executed: bigint[] = [];
  channel.responder.pipe.onMessage((id) => executed.push(id));
  channel.initiator.pipe.send(1n, encodeMessage({ case: "data", value: new Uint8Array(1) }));
  expect(channel.toWorker).toHaveLength(3);
  for (const frame of channel.toWorker.splice(0)) channel.responder.acceptFrame(frame);
  expect(channel.toClient).toHaveLength(3);

  // Accepted and pong alone do not open it: the call waits for the new keys.
  for (const frame of channel.toClient.splice(0, 2)) channel.initiator.acceptFrame(frame);
  expect(channel.toWorker).toEqual([]);
  channel.settle();
  expect(await channel.initiator.opened).toEqual({ ok: true });
  expect(channel.initiator.status()).toMatchObject({ mode: "post-quantum", rekeyCount: 1 });
  expect(executed).toEqual([1n]);
  expect(channel.closed).toEqual({ client: null, worker: null });
});

test("without the rekey at opening no call leaves and the channel does not open", async () => {
  const channel = await makePostQuantum(false);
  channel.initiator.pipe.send(1n, encodeMessage({ case: "data", value: new Uint8Array(1) }));
  channel.toWorker.pop();
  channel.settle();
  expect(channel.toWorker).toEqual([]);
  channel.clock.advance(openTimeoutMs);
  expect(await channel.initiator.opened).toMatchObject({ ok: false, reason: "handshake_failed" });
});

test("a later rekey is a hybrid one as well", async () => {
  const channel = await makePostQuantum(false);
  channel.settle();
  channel.clock.advance(rekeyAgeMs);
  expect(channel.toWorker[0]?.ciphertext.length).toBeGreaterThan(mlKemPublicKeyBytes);
  channel.settle();
  expect(channel.initiator.status()).toMatchObject({ keyAgeMs: 0, rekeyCount: 2 });
});
