/** A hub that puts itself between the command on the worker and the dialog in the browser. */
import { nativePrimitives } from "@leapmux/native/native-primitives.ts";
import { nodeRandom } from "@leapmux/native/node-platform.ts";
import {
  checkWorkerMac,
  generatePairingSecret,
  makeDeviceMac,
  makeWorkerMac,
} from "@leapmux/shared/identity/pairing.ts";
import { expect, test } from "vitest";
import { makeClientDevice } from "../harness/client-device.ts";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { startPairedSystem } from "../harness/start-paired-system.ts";
import { until } from "../harness/until.ts";

const lies = "an answer to the pairing was not made with its secret";

test("a device key of the hub's own, another user, another's mac: nothing is trusted", async () => {
  const cleanup = cleanupAfterTest();
  const system = await startPairedSystem(cleanup, { isPaired: false });
  const { client, device, worker, log } = system;
  const own = makeClientDevice(client.userId);
  const guessed = makeDeviceMac(nativePrimitives, generatePairingSecret(nodeRandom), {
    userId: own.userId,
    devicePublicKey: own.publicKey,
    compositeKey: worker.identity.compositePublicKey,
  });
  system.answerPairing(device, { devicePublicKey: own.publicKey });
  system.answerPairing(device, { userId: "usr_mallory" });
  system.answerPairing(own, { deviceMac: guessed });
  system.answerPairing(own, { deviceMac: new Uint8Array(0) });
  system.answerPairing(device, { devicePublicKey: new Uint8Array(3) });
  await until(() => log.filter((line) => line.includes(lies)).length === 5, "five refusals");
  for (const stranger of [own, device]) {
    const result = await client.openChannel({ claim: stranger.claim });
    expect(result).toMatchObject({ ok: false, reason: "device_not_trusted" });
  }
  expect(system.outcomes).toEqual([]);

  // The genuine answer still counts, and the attempts are there for its owner to see.
  system.answerPairing(device);
  await until(() => system.outcomes.length > 0, "the genuine answer");
  expect(system.outcomes).toEqual(["paired"]);
  const refusals = await system.refusals();
  const noted = refusals.filter(({ detail }) => detail === lies);
  expect(noted.map(({ deviceId }) => deviceId)).toEqual(
    expect.arrayContaining([own.deviceId, device.deviceId]),
  );
  expect(log.join("\n")).not.toContain(Buffer.from(device.publicKey).toString("base64"));

  // The secret is gone: not even a right mac makes another root.
  system.answerPairing(own);
  const late = await client.openChannel({ claim: own.claim });
  expect(late).toMatchObject({ ok: false, reason: "device_not_trusted" });
});

test("sixteen wrong answers end it", async () => {
  const cleanup = cleanupAfterTest();
  const system = await startPairedSystem(cleanup, { isPaired: false });
  for (let count = 0; count < 16; count++) {
    system.answerPairing(system.device, { deviceMac: new Uint8Array(64) });
  }
  await until(() => system.outcomes.length > 0, "the end");
  system.answerPairing(system.device);
  expect(system.outcomes).toEqual(["guessed"]);
  const result = await system.client.openChannel({ claim: system.device.claim });
  expect(result).toMatchObject({ ok: false, reason: "device_not_trusted" });
});

test("a worker key of the hub's own does not pass the client's check", () => {
  const secret = generatePairingSecret(nodeRandom);
  const compositeKey = nodeRandom(1664);
  const worker = { workerId: "wkr_1", compositeKey };
  const mac = makeWorkerMac(nativePrimitives, secret, worker);
  const check = (changes: Partial<typeof worker>, by = mac) =>
    checkWorkerMac(nativePrimitives, secret, { ...worker, ...changes }, by);
  expect(check({})).toBe(true);
  const own = { workerId: "wkr_1", compositeKey: nodeRandom(1664) };
  expect(check(own)).toBe(false);
  expect(check({ workerId: "wkr_2" })).toBe(false);
  const guessed = makeWorkerMac(nativePrimitives, generatePairingSecret(nodeRandom), own);
  expect(check(own, guessed)).toBe(false);
  expect(check(own, new Uint8Array(0))).toBe(false);
});
