import { beforeEach, describe, expect, test } from "vitest";
import {
  acceptPin,
  checkPin,
  makeMemoryPinStorage,
  pinLifetimeMs,
  type PinStorage,
  refreshPin,
  type ReportedKey,
} from "./pin-store.ts";

const nowMs = Date.UTC(2026, 0, 1);
const reported: ReportedKey = {
  workerId: "wkr_1",
  compositeKey: new Uint8Array(1664).fill(7),
  mode: "post-quantum",
};
const changedKey = { ...reported, compositeKey: new Uint8Array(1664).fill(8) };
let storage: PinStorage;

beforeEach(() => {
  storage = makeMemoryPinStorage();
});

describe("checkPin", () => {
  test("the first use finds nothing and stores nothing", async () => {
    expect(await checkPin(storage, nowMs, reported)).toEqual({ kind: "first" });
    expect(await storage.list()).toEqual([]);
  });

  test("the same key in the same mode matches silently", async () => {
    const pin = await acceptPin(storage, nowMs, reported);
    expect(await checkPin(storage, nowMs + 1, reported)).toEqual({ kind: "match", pin });
  });

  test("another key is a mismatch that names the pin and keeps it", async () => {
    const pin = await acceptPin(storage, nowMs, reported);
    const check = await checkPin(storage, nowMs, changedKey);
    expect(check).toEqual({ kind: "mismatch", changed: "key", pin });
    expect(await storage.get("wkr_1")).toEqual(pin);
  });

  test("a post-quantum worker reported as classic is a mismatch, the way up is none", async () => {
    const classic: ReportedKey = { ...reported, mode: "classic" };
    const pin = await acceptPin(storage, nowMs, reported);
    const check = await checkPin(storage, nowMs, classic);
    expect(check).toEqual({ kind: "mismatch", changed: "mode", pin });

    await acceptPin(storage, nowMs, classic);
    expect(await checkPin(storage, nowMs, reported)).toMatchObject({ kind: "match" });
    await refreshPin(storage, nowMs, reported);
    expect(await checkPin(storage, nowMs, classic)).toMatchObject({ kind: "mismatch" });
  });

  test("a pin ends one year after its last use", async () => {
    await acceptPin(storage, nowMs, reported);
    const lastMs = nowMs + pinLifetimeMs - 1;
    expect(await checkPin(storage, lastMs, changedKey)).toMatchObject({ kind: "mismatch" });
    expect(await checkPin(storage, lastMs + 1, changedKey)).toEqual({ kind: "first" });
  });
});

describe("refreshPin", () => {
  test("starts the year anew and keeps when the worker was first seen", async () => {
    await acceptPin(storage, nowMs, reported, true);
    const laterMs = nowMs + pinLifetimeMs - 1;
    await refreshPin(storage, laterMs, reported);
    expect(await storage.get("wkr_1")).toMatchObject({
      verified: true,
      firstSeenAtMs: nowMs,
      lastUsedAtMs: laterMs,
    });
    const check = await checkPin(storage, laterMs + pinLifetimeMs - 1, reported);
    expect(check).toMatchObject({ kind: "match" });
  });

  test("never replaces another key, never revives an expired pin", async () => {
    const pin = await acceptPin(storage, nowMs, reported);
    await refreshPin(storage, nowMs + 1, changedKey);
    await refreshPin(storage, nowMs + pinLifetimeMs, reported);
    expect(await storage.get("wkr_1")).toEqual(pin);
  });
});

describe("acceptPin", () => {
  test("an accepted change replaces the pin; it is no longer verified", async () => {
    await acceptPin(storage, nowMs, reported, true);
    await acceptPin(storage, nowMs + 5, changedKey);
    const pin = await storage.get("wkr_1");
    expect(pin).toMatchObject({ verified: false, firstSeenAtMs: nowMs + 5 });
    expect(await checkPin(storage, nowMs + 5, changedKey)).toMatchObject({ kind: "match" });
  });

  test("does not share memory with what the hub reported", async () => {
    const compositeKey = new Uint8Array(1664);
    await acceptPin(storage, nowMs, { ...reported, compositeKey });
    compositeKey[0] = 1;
    expect((await storage.get("wkr_1"))?.compositeKey[0]).toBe(0);
  });
});
