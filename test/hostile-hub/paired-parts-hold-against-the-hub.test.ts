/**
 * Real hub, worker and client with everything genuine between them, and the hub turns hostile at one place: in
 * what it answers, passes on or keeps back. Nothing is ever run on the worker for it.
 */
import { randomBytes } from "node:crypto";
import { nativePrimitives } from "@leapmux/native/native-primitives.ts";
import { nodeRandom } from "@leapmux/native/node-platform.ts";
import type { WorkerLinkDown } from "@leapmux/proto/hub/v1/worker_link_pb.ts";
import { EncryptionMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import type { Frame } from "@leapmux/shared/envelope/frame.ts";
import { makeWorkerMac } from "@leapmux/shared/identity/pairing.ts";
import { generateWorkerSecrets } from "@leapmux/shared/identity/worker-secrets.ts";
import { makeHubTransport } from "@leapmux/worker/link/dial-hub.ts";
import { registerWorker } from "@leapmux/worker/register-worker.ts";
import { afterEach, expect, test } from "vitest";
import { type ClientDevice, makeClientDevice } from "../harness/client-device.ts";
import { cleanupAfterFile, cleanupAfterTest } from "../harness/cleanup.ts";
import { openRegistrationDialog } from "../harness/registration-dialog.ts";
import { startPairedSystem, type PairedSystem } from "../harness/start-paired-system.ts";
import { until, within } from "../harness/until.ts";

const shared = await startPairedSystem(cleanupAfterFile(), { kind: "hub" });
afterEach(() => {
  shared.workerLink.hooks.down = undefined;
  shared.workerLink.hooks.up = undefined;
});

/** By the word of the worker itself, to the device that it trusts. */
async function expectNothingRan({ client, device }: PairedSystem): Promise<void> {
  const channel = await client.channel({ claim: device.claim });
  for await (const { body } of channel.terminals.watchTerminals({})) {
    if (body.case === "complete") break;
    expect(body.case).toBe("complete");
  }
  channel.close();
}

const refusalsOf = async (system: PairedSystem, deviceId: string) =>
  (await system.refusals()).filter((each) => each.deviceId === deviceId);

/** Changes what the real hub orders, before the worker sees it. */
function changeOrders(change: (order: WorkerLinkDown["body"]) => void): void {
  shared.workerLink.hooks.down = (message) => {
    change(message.body);
    return [message];
  };
}

test("it opens for anybody it likes to call the caller: the device of another account is nobody here", async () => {
  const { client } = shared;
  const userIds = ["usr_mallory", client.userId, "solo", "root"];
  for (const userId of userIds) {
    changeOrders((body) => {
      if (body.case === "openChannel") body.value.userId = userId;
    });
    const own = makeClientDevice(userId);
    // One that its own root has approved, at some other worker.
    const elsewhere = makeClientDevice(userId);
    own.grants.push(await elsewhere.grant(own));
    const result = await client.openChannel({ claim: own.claim });
    expect(result, userId).toMatchObject({ ok: false, reason: "device_not_trusted" });
    shared.workerLink.hooks.down = undefined;
    expect(await refusalsOf(shared, own.deviceId)).toMatchObject([{ userId }]);
  }
  await expectNothingRan(shared);
});

test("it calls a genuine caller by another name, who then is not let in under either", async () => {
  const { client, device } = shared;
  changeOrders((body) => {
    if (body.case === "openChannel") body.value.userId = "usr_mallory";
  });
  expect(await client.openChannel({ claim: device.claim })).toMatchObject({
    ok: false,
    reason: "user_mismatch",
  });
  shared.workerLink.hooks.down = undefined;
  expect((await shared.refusals()).map(({ reason }) => reason)).toContain("user_mismatch");
  await expectNothingRan(shared);
});

test("it plays a whole genuine opening again, with everything that was said on the channel", async () => {
  const { client, device, workerLink } = shared;
  const before = workerLink.seen.down.length;
  const channel = await client.channel({ claim: device.claim });
  await channel.terminals.openTerminal({
    terminalId: "once",
    workspaceId: "w",
    shell: "/bin/sh",
    cols: 80,
    rows: 24,
  });
  const recorded = workerLink.seen.down.slice(before);
  await channel.terminals.closeTerminal({ terminalId: "once" });
  channel.close();
  await until(() => channel.closeReason() !== undefined, "the genuine channel to end");

  const order = recorded.map(({ body }) => body).find((body) => body.case === "openChannel");
  const frames: Frame[] = recorded.flatMap(({ body }) =>
    body.case === "frames" ? body.value.frames.map((frame) => ({ ...frame })) : [],
  );
  if (order?.case !== "openChannel") throw new Error("no opening was recorded");
  expect(frames.length).toBeGreaterThan(1);
  for (const channelId of [order.value.channelId, randomBytes(16).toString("base64url")]) {
    const answersBefore = workerLink.seen.up.length;
    const { userId, encryptionMode, message1 } = order.value;
    workerLink.injectDown({
      case: "openChannel",
      value: { channelId, userId, encryptionMode, message1: new Uint8Array(message1) },
    });
    const answer = await until(
      () =>
        workerLink.seen.up
          .slice(answersBefore)
          .map(({ body }) => body)
          .find((body) => body.case === "openChannelAnswer"),
      "the worker's answer",
    );
    // The handshake binds the channel's id; where that is the same, fresh keys make the frames worthless.
    if (channelId !== order.value.channelId)
      expect(answer.value).toMatchObject({ refusal: "handshake_failed" });
    workerLink.injectFramesDown(...frames.map((frame) => ({ ...frame, channelId })));
  }
  await until(
    async () =>
      (await shared.refusals()).some(
        ({ reason }) => reason === "decrypt_failed" || reason === "handshake_failed",
      ),
    "the replay to be noted",
  );
  await expectNothingRan(shared);
});

test("it reports another mode than the worker has, to either side", async () => {
  const { client, device } = shared;
  for (const mode of ["post-quantum", "classic"] as const) {
    changeOrders((body) => {
      if (body.case === "openChannel") {
        body.value.encryptionMode =
          mode === "classic" ? EncryptionMode.POST_QUANTUM : EncryptionMode.CLASSIC;
      }
    });
    expect((await client.openChannel({ mode, claim: device.claim })).ok).toBe(false);
    shared.workerLink.hooks.down = undefined;
  }
  expect((await shared.refusals()).map(({ reason }) => reason)).toContain("mode_refused");
  await expectNothingRan(shared);
});

test("it puts a device of its own into the answer of the pairing; the genuine one counts when it comes", async () => {
  const system = await startPairedSystem(cleanupAfterTest(), { kind: "hub", isPaired: false });
  const { client, device, dialog, workerLink, outcomes } = system;
  const own = makeClientDevice(client.userId);
  let swapped = 0;
  workerLink.hooks.down = (message) => {
    if (message.body.case === "pairingAnswer") {
      swapped += 1;
      message.body.value.devicePublicKey = new Uint8Array(own.publicKey);
    }
    return [message];
  };
  await dialog.answer(device);
  await until(() => swapped === 1, "the swapped answer");
  for (const { claim } of [own, device]) {
    expect(await client.openChannel({ claim })).toMatchObject({ reason: "device_not_trusted" });
  }
  expect(outcomes).toEqual([]);

  // The real hub says it again with the next link.
  workerLink.hooks.down = undefined;
  workerLink.cut();
  await until(() => outcomes.length > 0, "the genuine answer");
  expect(outcomes).toEqual(["paired"]);
  await until(() => system.worker.state() === "online", "the worker online again");
  expect(await refusalsOf(system, own.deviceId)).not.toEqual([]);
  expect(await client.openChannel({ claim: own.claim })).toMatchObject({
    reason: "device_not_trusted",
  });
  await expectNothingRan(system);
});

test("it comes with a worker of its own before the genuine one: the dialog does not take it", async () => {
  const { client, url, device } = shared;
  for (const workerMac of ["guessed", "none"]) {
    const dialog = await openRegistrationDialog(client);
    // All that a hub knows of the command.
    const [registrationKey = ""] = dialog.key.split(".");
    const secrets = generateWorkerSecrets(nativePrimitives, nodeRandom);
    const identity = { ...secrets, workerId: `wkr_${randomBytes(16).toString("base64url")}` };
    const worker = { ...identity, compositeKey: identity.compositePublicKey };
    const transport = makeHubTransport(url);
    await registerWorker({
      ...{ transport, registrationKey, identity, name: "yours truly", mode: "classic" },
      workerMac:
        workerMac === "none" ? null : makeWorkerMac(nativePrimitives, nodeRandom(32), worker),
    });
    await expect(dialog.answer(device), workerMac).rejects.toThrow(/not the worker that was given/);
  }
});

test("it hands out a grant that was replaced: an expired one opens nothing, whatever the hub still keeps", async () => {
  const { client, device } = shared;
  const phone = makeClientDevice(client.userId);
  const nowMs = Date.now();
  const old = await device.grant(phone, {
    notBeforeMs: nowMs - 20_000,
    notAfterMs: nowMs - 10_000,
  });
  const names = { issuerDeviceId: device.deviceId, subjectDeviceId: phone.deviceId };
  await client.mailbox.putGrant({ grant: { ...names, signedGrant: old } });
  const [kept] = (await client.mailbox.listGrants({})).grants;
  phone.grants.push(kept?.signedGrant ?? new Uint8Array(0));
  expect(await client.openChannel({ claim: phone.claim })).toMatchObject({
    reason: "device_not_trusted",
  });
  expect(await refusalsOf(shared, phone.deviceId)).toMatchObject([
    { detail: "the grants of this device have expired" },
  ]);
  await expectNothingRan(shared);
});

test("it takes a revocation and keeps it: any device of the account that opens the worker brings it along", async () => {
  const { client, device, workerLink } = shared;
  const stolen = await approve(device);
  const phone = await approve(device);
  const thief = await client.channel({ claim: stolen.claim });
  workerLink.hooks.down = (message) => (message.body.case === "deviceRevocations" ? [] : [message]);
  await client.mailbox.putRevocation({
    deviceId: stolen.deviceId,
    signedRevocation: await device.revoke(stolen),
  });
  const mine = await client.channel({ claim: phone.claim });
  // So far the hub has its way: that is the delay which it can force, and no more.
  expect(thief.closeReason()).toBeUndefined();
  await mine.devices.deliverRevocations({
    signedRevocations: (await client.mailbox.listRevocations({})).signedRevocations,
  });
  expect(await within(thief.closed, "the thief's channel to close")).toBe("credential_revoked");
  // Whether the hub forgets it or not: the worker does not.
  workerLink.cut();
  await until(async () => (await client.openChannel({ claim: phone.claim })).ok, "the worker back");
  expect(await client.openChannel({ claim: stolen.claim })).toMatchObject({
    reason: "device_not_trusted",
  });
});

async function approve(by: ClientDevice): Promise<ClientDevice> {
  const added = makeClientDevice(by.userId);
  added.grants.push(await by.grant(added));
  return added;
}
