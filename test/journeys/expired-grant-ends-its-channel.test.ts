import { expect, test } from "vitest";
import { makeClientDevice } from "../harness/client-device.ts";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { makeSkippingClock } from "../harness/skipping-clock.ts";
import { startPairedSystem } from "../harness/start-paired-system.ts";
import { within } from "../harness/until.ts";

test("a channel ends within a minute of the grant that opened it, and the root's stays", async () => {
  const workerClock = makeSkippingClock();
  let skewMs = 0;
  const wallClockMs = () => Date.now() + skewMs;
  const system = await startPairedSystem(cleanupAfterTest(), { workerClock, wallClockMs });
  const { client, device } = system;
  const phone = makeClientDevice(client.userId);
  phone.grants.push(await device.grant(phone, { notAfterMs: Date.now() + 20 * 60_000 }));
  const short = await client.channel({ claim: phone.claim });
  const root = await client.channel({ claim: device.claim });

  await workerClock.skip(61_000);
  expect(short.closeReason()).toBeUndefined();
  skewMs = 21 * 60_000;
  await workerClock.skip(61_000);
  expect(await within(short.closed, "the channel of the expired grant to close")).toBe(
    "credential_revoked",
  );
  expect(root.closeReason()).toBeUndefined();
});
