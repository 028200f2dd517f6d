/** What somebody at the worker's console sees and decides, while the worker runs. */
import { nativeScrypt } from "@leapmux/native/native-scrypt.ts";
import {
  deviceFingerprint,
  fingerprint,
  formatWords,
} from "@leapmux/shared/identity/fingerprint.ts";
import { describe, expect, test } from "vitest";
import { type ClientDevice, makeClientDevice } from "../harness/client-device.ts";
import { cleanupAfterFile } from "../harness/cleanup.ts";
import { startPairedSystem } from "../harness/start-paired-system.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { until, within } from "../harness/until.ts";
import { runLeapmux } from "./run-leapmux.ts";

const cleanup = cleanupAfterFile();
const system = await startPairedSystem(cleanup);
const { client, device, workerDir, worker } = system;

const run = (...args: string[]) =>
  runLeapmux(cleanup, ["worker", ...args, "--data-dir", workerDir]);

async function wordsOf({ publicKey }: ClientDevice): Promise<string> {
  return formatWords((await deviceFingerprint(publicKey, nativeScrypt)).words);
}

/** Tries once, so that the worker has seen it. */
async function knock(stranger: ClientDevice): Promise<void> {
  const result = await client.openChannel({ claim: stranger.claim });
  expect(result).toMatchObject({ ok: false, reason: "device_not_trusted" });
}

test("fingerprint prints the four and the eight words of the worker's key", async () => {
  const { words, longWords } = await fingerprint(worker.identity.compositePublicKey, nativeScrypt);
  const { code, stdout } = await run("fingerprint");
  expect(code).toBe(0);
  expect(stdout).toBe(
    `Four words:  ${formatWords(words)}\nEight words: ${formatWords(longWords)}\n`,
  );
  const asJson = await run("fingerprint", "--json");
  expect(JSON.parse(asJson.stdout)).toEqual({
    worker_id: worker.identity.workerId,
    words: formatWords(words),
    long_words: formatWords(longWords),
  });
});

describe("devices", () => {
  test("a refused device waits; approved by its words it opens, revoked it is closed at once", async () => {
    const phone = makeClientDevice(client.userId);
    const words = await wordsOf(phone);
    const early = await run("devices", "approve", words);
    expect(early).toMatchObject({ code: 1, stdout: "" });
    expect(early.stderr).toContain(`no device is known as ${words}`);

    await knock(phone);
    const listed = await run("devices", "list");
    const line = listed.stdout.split("\n").find((each) => each.includes(phone.deviceId));
    expect(line).toMatch(new RegExp(`^${words} +waiting +dev_\\S+ +${client.userId} +20\\d\\d-`));
    expect(listed.stdout).toContain("Refused openings: 1.");

    const approved = await run("devices", "approve", ...words.toUpperCase().split("-"));
    expect(approved.stdout).toBe(`Approved ${words} (${phone.deviceId}) of ${client.userId}.\n`);
    const channel = await until(async () => {
      const result = await client.openChannel({ claim: phone.claim });
      return result.ok ? result.channel : null;
    }, "the approved device to be let in");
    expect(await channel.devices.listDevices({})).toMatchObject({
      devices: expect.arrayContaining([
        expect.objectContaining({ deviceId: phone.deviceId, root: true, connected: true }),
      ]),
    });
    expect((await run("devices", "approve", words)).stderr).toMatch(/is trusted already/);

    const revoked = await run("devices", "revoke", phone.deviceId, "--json");
    expect(JSON.parse(revoked.stdout)).toMatchObject({
      device_id: phone.deviceId,
      words,
      state: "revoked",
    });
    expect(await within(channel.closed, "the channel of the revoked device to close")).toBe(
      "credential_revoked",
    );
    await knock(phone);
    expect((await run("devices", "revoke", phone.deviceId)).stderr).toMatch(/is revoked already/);
    // The console may change its mind.
    expect((await run("devices", "approve", words)).code).toBe(0);
    await until(
      async () => (await client.openChannel({ claim: phone.claim })).ok,
      "another chance",
    );
  });

  test("revoking the last one says how to come back", async () => {
    const alone = await startPairedSystem(cleanup);
    const args = ["worker", "devices", "revoke", alone.device.deviceId];
    const { code, stderr } = await runLeapmux(cleanup, [...args, "--data-dir", alone.workerDir]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/leapmux worker devices approve WORDS/);
  });

  test("as JSON, with what was refused", async () => {
    const { stdout } = await run("devices", "list", "--json");
    const { devices, refused_openings: refused } = JSON.parse(stdout) as {
      devices: unknown[];
      refused_openings: unknown[];
    };
    expect(devices).toContainEqual(
      expect.objectContaining({
        device_id: device.deviceId,
        words: await wordsOf(device),
        user_id: client.userId,
        state: "paired",
      }),
    );
    expect(refused[0]).toMatchObject({ reason: "device_not_trusted" });
  });

  test("a directory without a worker is named", async () => {
    const dir = await makeTemporaryDirectory(cleanup);
    const args = ["worker", "devices", "list", "--data-dir", dir];
    const { code, stderr } = await runLeapmux(cleanup, args);
    expect(code).toBe(1);
    expect(stderr).toContain(`no worker has run with the data directory ${dir}`);
  });
});
