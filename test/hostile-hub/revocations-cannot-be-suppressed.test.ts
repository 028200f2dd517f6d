/** A hub that keeps revocations to itself only delays them; one that makes them up revokes nobody. */
import { expect, test } from "vitest";
import { type ClientDevice, makeClientDevice } from "../harness/client-device.ts";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { type PairedSystem, startPairedSystem } from "../harness/start-paired-system.ts";
import { until, within } from "../harness/until.ts";

async function addDevice({ client, device }: PairedSystem): Promise<ClientDevice> {
  const added = makeClientDevice(client.userId);
  added.grants.push(await device.grant(added));
  return added;
}

const deliver = (system: PairedSystem, ...signed: Uint8Array[]): void =>
  system.workerLink.injectDown({
    case: "deviceRevocations",
    value: { signedRevocations: signed.map((each) => new Uint8Array(each)) },
  });

test("one that the hub keeps back is delivered by another device and closes what is open", async () => {
  const system = await startPairedSystem(cleanupAfterTest());
  const { client, device } = system;
  const stolen = await addDevice(system);
  const phone = await addDevice(system);
  const thief = await client.channel({ claim: stolen.claim });
  const terminal = await thief.terminals.openTerminal({
    terminalId: "t",
    workspaceId: "w",
    cols: 80,
    rows: 24,
  });
  expect(terminal.terminal?.terminalId).toBe("t");

  const mine = await client.channel({ claim: phone.claim });
  await mine.devices.deliverRevocations({
    signedRevocations: [new Uint8Array(await device.revoke(stolen))],
  });
  expect(await within(thief.closed, "the thief's channel to close")).toBe("credential_revoked");
  expect(await client.openChannel({ claim: stolen.claim })).toMatchObject({
    ok: false,
    reason: "device_not_trusted",
  });
  expect(mine.closeReason()).toBeUndefined();
  const { devices } = await mine.devices.listDevices({});
  expect(devices).toContainEqual(
    expect.objectContaining({ deviceId: stolen.deviceId, revoked: true, connected: false }),
  );
  // For ever: a new grant does not bring it back.
  stolen.grants.push(await device.grant(stolen));
  expect((await client.openChannel({ claim: stolen.claim })).ok).toBe(false);
});

test("one from the hub counts when a trusted device signed it, whoever that was when it came", async () => {
  const system = await startPairedSystem(cleanupAfterTest());
  const { client, device, log } = system;
  const phone = await addDevice(system);
  const tablet = await addDevice(system);
  const open = await client.channel({ claim: tablet.claim });
  // The worker has never met the phone: it keeps the statement until somebody shows who that is.
  deliver(system, await phone.revoke(tablet));
  await until(
    () => log.some((line) => line.includes("issuer_unknown")),
    "the statement to be held",
  );
  expect(open.closeReason()).toBeUndefined();
  const shown = await client.channel({ claim: phone.claim });
  expect(await within(open.closed, "the tablet to be closed")).toBe("credential_revoked");

  // A chain ends with any of its links.
  const watch = makeClientDevice(client.userId);
  watch.grants.push(await phone.grant(watch), ...phone.grants);
  const below = await client.channel({ claim: watch.claim });
  deliver(system, await device.revoke(phone));
  expect(await within(below.closed, "what the phone vouched for to close")).toBe(
    "credential_revoked",
  );
  expect(await within(shown.closed, "the phone to be closed")).toBe("credential_revoked");
});

test("made up, altered, or signed by who may not, none counts", async () => {
  const system = await startPairedSystem(cleanupAfterTest());
  const { client, device, log } = system;
  const stranger = makeClientDevice(client.userId);
  const guest = makeClientDevice("usr_guest");
  const guestId = client.userId;
  const scoped = makeClientDevice(guestId);
  scoped.grants.push(
    await device.grant(scoped, {
      scope: { kind: "workspaces", workspaceIds: new Set(["w"]), role: "drive" },
    }),
  );
  const channel = await client.channel({ claim: device.claim });
  await client.channel({ claim: scoped.claim });
  const genuine = await device.revoke(scoped);
  deliver(
    system,
    await stranger.revoke(device),
    await guest.revoke(device),
    await scoped.revoke(device),
    genuine.with(genuine.length - 1, (genuine.at(-1) ?? 0) ^ 1),
    new Uint8Array([1, 2, 3]),
  );
  await until(() => log.some((line) => line.includes("a revocation is malformed")), "the last one");
  expect(log.filter((line) => line.includes("a revocation was not taken"))).toHaveLength(4);
  expect(channel.closeReason()).toBeUndefined();
  expect((await client.openChannel({ claim: device.claim })).ok).toBe(true);
  // A device may always give itself up.
  deliver(system, await scoped.revoke(scoped));
  await until(
    async () => !(await client.openChannel({ claim: scoped.claim })).ok,
    "the device that gave itself up to be refused",
  );
});

test("a stolen login that fills every place with statements of its own crowds out no genuine one", async () => {
  const system = await startPairedSystem(cleanupAfterTest());
  const { client, log } = system;
  const phone = await addDevice(system);
  const tablet = await addDevice(system);
  const open = await client.channel({ claim: tablet.claim });
  const put = async (by: ClientDevice, device: ClientDevice): Promise<void> => {
    const signedRevocation = new Uint8Array(await by.revoke(device));
    await client.mailbox.putRevocation({ deviceId: device.deviceId, signedRevocation });
  };
  // The worker has never met the phone, nor any of the others.
  await put(phone, tablet);
  const places = 64;
  for (let count = 0; count < places; count += 1) {
    await put(makeClientDevice(client.userId), makeClientDevice(client.userId));
  }
  await until(
    () => log.filter((line) => line.includes("issuer_unknown")).length > places,
    "all of them at the worker",
  );
  expect(open.closeReason()).toBeUndefined();
  await client.channel({ claim: phone.claim });
  expect(await within(open.closed, "the tablet to be closed")).toBe("credential_revoked");
});

test("nobody slips in while a long list is worked off, however long the hub makes it", async () => {
  const system = await startPairedSystem(cleanupAfterTest());
  const { client, device } = system;
  const phone = await addDevice(system);
  const open = await client.channel({ claim: phone.claim });
  const other = makeClientDevice(client.userId);
  const genuine = await other.revoke(other);
  // Each costs two signatures to see through.
  const forged = genuine.with(genuine.length - 1, (genuine.at(-1) ?? 0) ^ 1);
  for (let page = 0; page < 15; page++) {
    deliver(system, ...Array.from({ length: 32 }, () => forged));
  }
  deliver(system, await phone.revoke(device));
  expect(await client.openChannel({ claim: device.claim })).toMatchObject({
    ok: false,
    reason: "device_not_trusted",
  });
  // What it vouched for ends with it.
  expect(await within(open.closed, "the phone to be closed")).toBe("credential_revoked");
});
