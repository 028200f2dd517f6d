import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDatabase } from "../store/open-database.ts";
import { makeTrustStore, trustBounds, type TrustStore } from "./trust-store.ts";

let directory: string;
let store: TrustStore;
let close: () => Promise<void>;
const key = new Uint8Array([1, 2, 3]);

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "leapmux-trust-"));
  const database = await openDatabase(directory);
  store = makeTrustStore(database);
  close = () => database.destroy();
});
afterEach(async () => {
  await close();
  rmSync(directory, { recursive: true, force: true });
});

test("strangers fill nothing: the oldest that wait and the oldest that were seen go", async () => {
  const { knownDevices, pendingDevices } = trustBounds;
  for (let at = 0; at < pendingDevices + 5; at++) {
    const row = { device_id: `d${at}`, public_key: key, user_id: "ann", seen_at_ms: at };
    await store.savePendingDevice(row);
  }
  const pending = await store.listPendingDevices();
  expect(pending).toHaveLength(pendingDevices);
  expect(pending[0]?.device_id).toBe(`d${pendingDevices + 4}`);
  expect(pending.at(-1)?.device_id).toBe("d5");

  for (let at = 0; at < knownDevices + 3; at++) {
    await store.saveKnownDevice({
      device_id: `k${at}`,
      public_key: key,
      user_id: "ann",
      owner_id: "ann",
      chain: "[]",
      last_seen_at_ms: at,
    });
  }
  expect(await store.listKnownDevices()).toHaveLength(knownDevices);
});

test("a flood of one refusal washes away no other; the same one again takes its place", async () => {
  const refusal = { user_id: "ann", device_id: "d", detail: "x" };
  await store.addRefusedOpening({ ...refusal, at_ms: 1, reason: "device_not_trusted" });
  for (let at = 0; at < trustBounds.refusedOpeningsPerReason + 10; at++) {
    const row = { ...refusal, at_ms: at, reason: "handshake_failed", user_id: `u${at}` };
    await store.addRefusedOpening(row);
  }
  const refusals = await store.listRefusedOpenings();
  expect(refusals).toHaveLength(trustBounds.refusedOpeningsPerReason + 1);
  expect(refusals.at(-1)).toMatchObject({ reason: "device_not_trusted", at_ms: 1 });
  await store.addRefusedOpening({ ...refusal, at_ms: 99, reason: "device_not_trusted" });
  const again = await store.listRefusedOpenings();
  expect(again).toHaveLength(refusals.length);
  expect(again[0]).toMatchObject({ reason: "device_not_trusted", at_ms: 99 });
});

test("another process is noticed, its own writes are not", async () => {
  const root = {
    device_id: "d",
    public_key: key,
    user_id: "ann",
    source: "console",
    added_at_ms: 1,
  } as const;
  const before = await store.readDataVersion();
  await store.addRoot(root);
  expect(await store.readDataVersion()).toBe(before);
  const database = await openDatabase(directory);
  await makeTrustStore(database).addRoot({ ...root, device_id: "e" });
  await database.destroy();
  expect(await store.readDataVersion()).not.toBe(before);
  expect((await store.listRoots()).map((row) => row.device_id)).toEqual(["d", "e"]);
});

test("forgetting devices keeps the revocations and what was refused", async () => {
  const revocation = {
    statement_id: "s",
    device_id: "d",
    public_key: key,
    issuer_device_id: null,
    signed_revocation: null,
    received_at_ms: 1,
    overruled_at_ms: null,
  };
  expect(await store.addRevocation(revocation, 1)).toBe("kept");
  await store.overruleRevocations("d", 5);
  // The same statement again changes nothing, nor does another from before.
  expect(await store.addRevocation(revocation, null)).toBe("kept");
  expect(await store.addRevocation({ ...revocation, statement_id: "t" }, 5)).toBe("overruled");
  expect(await store.listRevocations()).toMatchObject([{ overruled_at_ms: 5 }]);
  await store.savePendingDevice({ device_id: "p", public_key: key, user_id: "a", seen_at_ms: 1 });
  await store.addRefusedOpening({ at_ms: 1, reason: "r", user_id: "", device_id: "", detail: "" });
  await store.forgetDevices();
  expect(await store.listPendingDevices()).toEqual([]);
  expect(await store.listRevocations()).toHaveLength(1);
  expect(await store.listRefusedOpenings()).toHaveLength(1);
});
