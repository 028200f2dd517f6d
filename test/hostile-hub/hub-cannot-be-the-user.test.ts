/** A hub that runs clients of its own, or keeps what genuine ones said: a paired worker takes none of it. */
import { describe, expect, test } from "vitest";
import { EncryptionMode } from "@leapmux/proto/hub/v1/encryption_mode_pb.ts";
import type { ClientClaim } from "@leapmux/shared/endpoint/client-claim.ts";
import { makeClientDevice } from "../harness/client-device.ts";
import { cleanupAfterFile } from "../harness/cleanup.ts";
import { startPairedSystem } from "../harness/start-paired-system.ts";
import { until } from "../harness/until.ts";

const cleanup = cleanupAfterFile();
const system = await startPairedSystem(cleanup);
const { client, device, log } = system;

/** What a stranger would do first, if they were let in. */
async function expectRefused(
  claim: ClientClaim | typeof device.claim,
  detail: string,
  deviceId = "",
): Promise<void> {
  const before = system.log.length;
  const result = await client.openChannel({ claim });
  expect(result).toMatchObject({ ok: false, stage: "claim", reason: "device_not_trusted" });
  if (!result.ok && deviceId !== "") expect(result.message).toContain(deviceId);
  const [newest] = await system.refusals();
  expect(newest).toMatchObject({
    reason: "device_not_trusted",
    userId: client.userId,
    deviceId,
    detail,
  });
  const logged = log.slice(before).map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(logged).toContainEqual(
    expect.objectContaining({
      msg: "an opening was refused",
      reason: "device_not_trusted",
      deviceId,
      detail,
    }),
  );
}

describe("the paired device", () => {
  test("opens, and is the only one that the worker knows", async () => {
    const channel = await client.channel({ claim: device.claim });
    const { devices, clientAuth } = await channel.devices.listDevices({});
    expect(clientAuth).toBe("paired");
    expect(devices).toMatchObject([
      { deviceId: device.deviceId, root: true, revoked: false, connected: true },
    ]);
    expect(Number(devices[0]?.lastSeenAtMs)).toBeGreaterThan(0);
    const info = await channel.info.getWorkerInfo({});
    expect(info.loadAverages).toHaveLength(3);
    expect(info.processors).toBeGreaterThan(0);
    expect(info.memoryBytes).toBeGreaterThan(info.freeMemoryBytes);
    expect(info.openTerminals).toBe(0);
    channel.close();
  });
});

describe("a hub that opens a channel itself", () => {
  test("with the user's id and no device", () =>
    expectRefused({ userId: client.userId }, "the claim names no device"));

  test("with a device of its own", async () => {
    const own = makeClientDevice(client.userId);
    await expectRefused(
      own.claim,
      "no grant leads from a trusted device to this one",
      own.deviceId,
    );
  });

  test("with a device of its own that vouches for itself", async () => {
    const own = makeClientDevice(client.userId);
    const accomplice = makeClientDevice(client.userId);
    own.grants.push(await accomplice.grant(own), await own.grant(accomplice));
    await expectRefused(
      own.claim,
      "no grant leads from a trusted device to this one",
      own.deviceId,
    );
  });

  test("with the key of the trusted device, which it cannot sign with", async () => {
    const own = makeClientDevice(client.userId);
    const claim: typeof device.claim = async (binding) => ({
      ...(await own.claim(binding)),
      devicePublicKey: device.publicKey,
    });
    await expectRefused(
      claim,
      "the signature does not fit this channel, user and device",
      device.deviceId,
    );
  });

  test("under another user's id than it announces, or another one than the device is of", async () => {
    const result = await client.openChannel({ userId: "usr_mallory" });
    expect(result).toMatchObject({ ok: false, reason: "user_mismatch" });
    await until(
      async () => (await system.refusals()).some(({ reason }) => reason === "user_mismatch"),
      "the mismatch to be noted",
    );
    const other = makeClientDevice("usr_mallory");
    other.grants.push(await device.grant(other));
    const claim: typeof device.claim = async (binding) => ({
      ...(await other.claim(binding)),
      userId: client.userId,
    });
    await expectRefused(
      claim,
      "the signature does not fit this channel, user and device",
      other.deviceId,
    );
  });
});

describe("a genuine claim", () => {
  test("replayed on another channel is refused", async () => {
    let recorded: ClientClaim | undefined;
    const first = await client.channel({
      claim: async (binding) => (recorded = await device.claim(binding)),
    });
    expect(recorded?.signature).toHaveLength(3373);
    if (!recorded) throw new Error("no claim");
    await expectRefused(
      recorded,
      "the signature does not fit this channel, user and device",
      device.deviceId,
    );
    expect(first.closeReason()).toBeUndefined();
    first.close();
  });
});

describe("grants", () => {
  test("open for another device, until they expire; an old one is refused", async () => {
    const phone = makeClientDevice(client.userId);
    phone.grants.push(await device.grant(phone));
    const channel = await client.channel({ claim: phone.claim });
    await expect(channel.devices.listDevices({})).resolves.toBeDefined();
    channel.close();

    const old = makeClientDevice(client.userId);
    const nowMs = Date.now();
    old.grants.push(
      await device.grant(old, { notBeforeMs: nowMs - 20_000, notAfterMs: nowMs - 10_000 }),
    );
    await expectRefused(old.claim, "the grants of this device have expired", old.deviceId);
    const early = makeClientDevice(client.userId);
    early.grants.push(
      await device.grant(early, { notBeforeMs: nowMs + 100_000, notAfterMs: nowMs + 200_000 }),
    );
    await expectRefused(early.claim, "the grants of this device have expired", early.deviceId);
  });

  test("that were altered or never signed are refused", async () => {
    const phone = makeClientDevice(client.userId);
    const grant = await device.grant(phone);
    phone.grants.push(grant.with(grant.length - 1, (grant.at(-1) ?? 0) ^ 1));
    await expectRefused(
      phone.claim,
      "a grant was not signed by the device that it names",
      phone.deviceId,
    );
    phone.grants.splice(0, 1, new Uint8Array([1, 2, 3]));
    await expectRefused(phone.claim, "a grant is malformed", phone.deviceId);
    phone.grants.splice(0, 1, ...Array.from({ length: 65 }, () => new Uint8Array(0)));
    await expectRefused(phone.claim, "the claim shows too many grants", phone.deviceId);
  });
});

describe("a hub that reports another mode", () => {
  test("gets nothing opened, and is noted", async () => {
    const result = await client.openChannel({ mode: "post-quantum", claim: device.claim });
    expect(result.ok).toBe(false);
    const lied = await client.openChannel({
      mode: "post-quantum",
      toldMode: "classic",
      claim: device.claim,
    });
    expect(lied.ok).toBe(false);
    // Straight to the worker, past the checks of the real hub.
    system.workerLink.injectDown({
      case: "openChannel",
      value: {
        channelId: "AAAAAAAAAAAAAAAAAAAAAA",
        userId: client.userId,
        encryptionMode: EncryptionMode.POST_QUANTUM,
        message1: new Uint8Array(1616),
      },
    });
    await until(
      async () => (await system.refusals()).some(({ reason }) => reason === "mode_refused"),
      "the other mode to be noted",
    );
  });
});
