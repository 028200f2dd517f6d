import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestStore } from "../test-support/open-test-store.ts";
import { makeApprovalRequests } from "./approval-requests.ts";
import { makeDeviceRevocations } from "./device-revocations.ts";
import { makeGrants } from "./grants.ts";
import type { Store } from "./open-store.ts";

let store: Store;
let close: () => Promise<void>;
beforeEach(async () => ({ store, close } = await openTestStore()));
afterEach(() => close());

const bytes = (value: number) => Buffer.alloc(8, value);

const grant = (issuer: string, subject: string, value = 0, userId = "ann") => ({
  user_id: userId,
  issuer_device_id: issuer,
  subject_device_id: subject,
  signed_grant: bytes(value),
});

test("a grant takes the place of one with the same issuer and subject, each account has its own", async () => {
  const grants = makeGrants(store, { maxGrants: 2 });
  expect(await grants.put(grant("a", "b", 1), 0)).toBe("stored");
  expect(await grants.put(grant("b", "a", 2), 0)).toBe("stored");
  expect(await grants.put(grant("a", "c", 3), 0)).toBe("limit_reached");
  // A renewal is no further one.
  expect(await grants.put(grant("a", "b", 4), 0)).toBe("stored");
  expect(await grants.put(grant("a", "b", 5, "bob"), 0)).toBe("stored");
  expect(await grants.list("ann")).toEqual([grant("a", "b", 4), grant("b", "a", 2)]);
  expect(await grants.list("bob")).toEqual([grant("a", "b", 5, "bob")]);
});

test("a grant leaves with the time that none outlives; a renewed one begins anew", async () => {
  const day = 24 * 60 * 60_000;
  const grants = makeGrants(store, { maxGrants: 2 });
  await grants.put(grant("a", "b", 1), 0);
  await grants.put(grant("a", "c", 2), 0);
  await grants.put(grant("a", "c", 3), 60 * day);
  await grants.put(grant("a", "b", 1, "bob"), 0);
  expect(await grants.put(grant("a", "d", 4), 91 * day)).toBe("limit_reached");
  expect(await grants.put(grant("a", "d", 4), 91 * day + 1)).toBe("stored");
  expect(await grants.list("ann")).toEqual([grant("a", "c", 3), grant("a", "d", 4)]);
  expect(await grants.list("bob")).toHaveLength(1);
});

test("with the revocation of a device its grants make room, those of its own account alone", async () => {
  const grants = makeGrants(store, { maxGrants: 3 });
  for (const [issuer, subject] of [
    ["a", "b"],
    ["b", "c"],
    ["c", "a"],
  ] as const) {
    await grants.put(grant(issuer, subject, 1), 0);
  }
  await grants.put(grant("a", "b", 1, "bob"), 0);
  const revocations = makeDeviceRevocations(store, { maxDeviceRevocations: 5 });
  expect(await revocations.put("ann", "b", bytes(1))).toBe("stored");
  // What was signed for it stays: it tells the device who may revoke it.
  expect(await grants.list("ann")).toEqual([grant("a", "b", 1), grant("c", "a", 1)]);
  expect(await grants.list("bob")).toHaveLength(1);
  expect(await grants.put(grant("a", "d", 1), 0)).toBe("stored");
});

const request = (id: string, device: number, createdAtMs: number, userId = "ann") => ({
  request_id: id,
  user_id: userId,
  device_public_key: bytes(device),
  user_agent: "",
  address: "",
  created_at_ms: createdAtMs,
  expires_at_ms: createdAtMs + 100,
});

test("a device asks once at a time, requests end by themselves and are bounded", async () => {
  const requests = makeApprovalRequests(store, { maxApprovalRequests: 2, maxGrants: 9 });
  expect(await requests.add(request("r1", 1, 0))).toBe("added");
  expect(await requests.add(request("r2", 1, 10))).toBe("added");
  expect(await requests.add(request("r3", 2, 20))).toBe("added");
  expect(await requests.add(request("r4", 3, 30))).toBe("limit_reached");
  expect(await requests.add(request("r5", 3, 30, "bob"))).toBe("added");
  expect(await requests.list("ann", 50)).toEqual([request("r2", 1, 10), request("r3", 2, 20)]);
  expect(await requests.list("ann", 110)).toEqual([request("r3", 2, 20)]);
  expect(await requests.add(request("r6", 3, 110))).toBe("added");
});

test("an answer ends the request and stores its grant, both or neither", async () => {
  const limits = { maxApprovalRequests: 9, maxGrants: 1 };
  const requests = makeApprovalRequests(store, limits);
  const grants = makeGrants(store, limits);
  for (const [id, device] of [
    ["r1", 1],
    ["r2", 2],
    ["r3", 3],
  ] as const) {
    await requests.add(request(id, device, 0));
  }
  const { user_id: _, ...given } = grant("a", "b", 1);
  expect(await requests.answer("bob", "r1", 0, given)).toBe("not_found");
  expect(await requests.answer("ann", "r1", 100, given)).toBe("not_found");
  expect(await grants.list("bob")).toEqual([]);
  expect(await requests.answer("ann", "r1", 0, given)).toBe("answered");
  expect(await requests.answer("ann", "r1", 0, given)).toBe("not_found");
  expect(await grants.list("ann")).toEqual([grant("a", "b", 1)]);
  const another = { ...given, subject_device_id: "c" };
  expect(await requests.answer("ann", "r2", 0, another)).toBe("limit_reached");
  expect(await requests.answer("ann", "r3", 0, null)).toBe("answered");
  expect((await requests.list("ann", 0)).map((row) => row.request_id)).toEqual(["r2"]);
});

test("revocations stay, in order; the same one again is known, another of the device stands beside it", async () => {
  const revocations = makeDeviceRevocations(store, { maxDeviceRevocations: 5 });
  expect(await revocations.put("ann", "x", bytes(1))).toBe("stored");
  expect(await revocations.put("ann", "x", bytes(1))).toBe("known");
  // Noise under a device's id does not keep the genuine one out.
  for (const value of [2, 3, 4]) {
    expect(await revocations.put("ann", "x", bytes(value))).toBe("stored");
  }
  expect(await revocations.put("ann", "x", bytes(5))).toBe("limit_reached");
  expect(await revocations.put("ann", "y", bytes(6))).toBe("stored");
  expect(await revocations.put("ann", "z", bytes(7))).toBe("limit_reached");
  // What is stored stays a success, also at the bound.
  expect(await revocations.put("ann", "x", bytes(3))).toBe("known");
  expect(await revocations.put("bob", "z", bytes(7))).toBe("stored");
  const firstBytes = async (behind: number, most: number) =>
    (await revocations.list("ann", behind, most)).map((row) => row.signed_revocation[0]);
  expect(await firstBytes(0, 9)).toEqual([1, 2, 3, 4, 6]);
  expect(await firstBytes(1, 2)).toEqual([2, 3]);
  expect((await revocations.list("bob", 0, 9)).map((row) => row.sequence)).toEqual([1]);
});
