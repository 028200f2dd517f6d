/**
 * The way of a device through its life, with hub and worker as the processes that people start: paired by the
 * command, refused without a grant, approved by another device, revoked, and the worker's own end.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { nativeScrypt } from "@leapmux/native/native-scrypt.ts";
import { selectGrants } from "@leapmux/shared/devices/select-grants.ts";
import { nativeDevicePrimitives } from "@leapmux/native/native-device-primitives.ts";
import {
  deviceFingerprint,
  fingerprint,
  formatWords,
} from "@leapmux/shared/identity/fingerprint.ts";
import { deviceIdOf } from "@leapmux/shared/identity/device-id.ts";
import { expect, test } from "vitest";
import { makeClientDevice } from "../harness/client-device.ts";
import { cleanupAfterFile } from "../harness/cleanup.ts";
import { openShell } from "../harness/open-shell.ts";
import { startLeapmux, type LeapmuxProcess } from "../harness/processes.ts";
import { pairWorkerProcess, startPairedProcesses } from "../harness/start-paired-processes.ts";
import { connectClient, untilTold } from "../harness/test-client.ts";
import { until, within } from "../harness/until.ts";

const cleanup = cleanupAfterFile();
const { url, directory, client: first, device, paired } = await startPairedProcesses(cleanup);
const { workerId, dataDir } = paired;
let worker = paired.process;
const phone = makeClientDevice(first.userId);
/** Another browser of the same account. */
const second = await connectClient(cleanup, url, { device: phone });

const startAgain = (): LeapmuxProcess =>
  startLeapmux(cleanup, ["worker", "--hub", url, "--data-dir", dataDir]);

async function stop(process: LeapmuxProcess): Promise<void> {
  process.signal("SIGTERM");
  expect((await within(process.exited, "a graceful end")).code).toBe(0);
}

const words = async (publicKey: Uint8Array): Promise<string> =>
  formatWords((await deviceFingerprint(publicKey, nativeScrypt)).words);

const grantsFromHub = async (): Promise<Uint8Array[]> =>
  selectGrants({
    primitives: nativeDevicePrimitives,
    signedGrants: (await second.mailbox.listGrants({})).grants.map((each) => each.signedGrant),
    devicePublicKey: phone.publicKey,
    nowMs: Date.now(),
  });

test("the device that showed the command opens the worker and runs a shell", async () => {
  const channel = await first.channel({ workerId, claim: device.claim });
  expect((await channel.devices.listDevices({})).devices).toMatchObject([
    { deviceId: device.deviceId, root: true, connected: true },
  ]);
  const { view } = await openShell(channel);
  view.type("echo out-$((6 * 7))\r");
  await view.untilText("out-42");
  // What the worker printed on its machine is what the dialog shows as verified.
  const shown = formatWords((await fingerprint(paired.compositePublicKey, nativeScrypt)).words);
  await until(() => paired.process.stdout().includes(shown), "the worker's words");
});

test("another device of the same account is refused, approved by the first, and then let in", async () => {
  const refused = await second.openChannel({ workerId });
  expect(refused).toMatchObject({ ok: false, stage: "claim", reason: "device_not_trusted" });
  if (!refused.ok) expect(refused.message).toContain(phone.deviceId);

  const asked = untilTold(first, "devices");
  await second.mailbox.requestApproval({ devicePublicKey: phone.publicKey });
  await asked;
  const [request] = (await first.mailbox.listApprovalRequests({})).requests;
  expect(await words(request!.devicePublicKey)).toBe(await words(phone.publicKey));
  const answered = untilTold(second, "devices");
  await first.mailbox.answerApproval({
    requestId: request!.requestId,
    grant: {
      issuerDeviceId: device.deviceId,
      subjectDeviceId: deviceIdOf(request!.devicePublicKey),
      signedGrant: await device.grant(phone),
    },
  });
  await answered;
  expect((await first.mailbox.listApprovalRequests({})).requests).toEqual([]);

  phone.grants.push(...(await grantsFromHub()));
  const channel = await second.channel({ workerId });
  const { view } = await openShell(channel);
  view.type("echo out-$((7 * 7))\r");
  await view.untilText("out-49");
  expect((await channel.devices.listDevices({})).devices).toContainEqual(
    expect.objectContaining({ deviceId: phone.deviceId, root: false, connected: true }),
  );
});

test("revoked through the hub, it loses its open channel, and no grant brings it back", async () => {
  const mine = await first.channel({ workerId, claim: device.claim });
  const lost = await second.channel({ workerId });
  const { view } = await openShell(lost);
  await first.mailbox.putRevocation({
    deviceId: phone.deviceId,
    signedRevocation: await device.revoke(phone),
  });
  expect(await within(lost.closed, "the revoked device's channel to close")).toBe(
    "credential_revoked",
  );
  await until(() => view.ended() !== undefined, "its terminal to end for it");
  expect(await second.openChannel({ workerId })).toMatchObject({ reason: "device_not_trusted" });
  phone.grants.push(await device.grant(phone));
  expect(await second.openChannel({ workerId })).toMatchObject({ reason: "device_not_trusted" });
  expect(mine.closeReason()).toBeUndefined();
  const { devices, refusals } = await mine.devices.listDevices({});
  expect(devices).toContainEqual(
    expect.objectContaining({ deviceId: phone.deviceId, revoked: true, connected: false }),
  );
  expect(refusals).toContainEqual(expect.objectContaining({ deviceId: phone.deviceId }));
});

test("started again, the worker knows its devices and what was revoked by itself", async () => {
  await stop(worker);
  worker = startAgain();
  const channel = await until(async () => {
    const result = await first.openChannel({ workerId, claim: device.claim });
    return result.ok ? result.channel : undefined;
  }, "the worker to be back");
  expect((await channel.devices.listDevices({})).devices).toContainEqual(
    expect.objectContaining({ deviceId: phone.deviceId, revoked: true }),
  );
  expect(await second.openChannel({ workerId })).toMatchObject({ reason: "device_not_trusted" });
  expect(worker.stdout() + worker.stderr()).not.toContain("no device is paired");
});

test("deregistered, the worker ends with 0, and nothing of its registration is left", async () => {
  const channel = await first.channel({ workerId, claim: device.claim });
  expect(existsSync(join(dataDir, "state.json"))).toBe(true);
  await first.workers.deregisterWorker({ workerId });
  expect(await within(channel.closed, "the channel to close")).toBe("worker_deregistered");
  expect(await within(worker.exited, "the worker to end")).toEqual({ code: 0, signal: null });
  expect(worker.stdout()).toMatch(/was deregistered at .*: its keys and its token are wiped/);
  expect(existsSync(join(dataDir, "state.json"))).toBe(false);
  await until(
    async () => (await first.workers.listWorkers({})).workers.length === 0,
    "the hub to forget it",
  );
});

test("one that was away is told when it comes back, over a WebSocket here, and ends as well", async () => {
  const args = ["--link", "websocket"];
  const away = await pairWorkerProcess(cleanup, first, device, join(directory, "away"), { args });
  await stop(away.process);
  await until(
    async () => (await first.workers.listWorkers({})).workers.every(({ online }) => !online),
    "the worker offline",
  );
  await first.workers.deregisterWorker({ workerId: away.workerId });
  const back = startLeapmux(cleanup, [
    ...["worker", "--hub", url, "--data-dir", away.dataDir],
    ...args,
  ]);
  expect(await within(back.exited, "the worker to end")).toEqual({ code: 0, signal: null });
  expect(existsSync(join(away.dataDir, "state.json"))).toBe(false);
  await until(
    async () => (await first.workers.listWorkers({})).workers.length === 0,
    "the hub to forget it",
  );
});
