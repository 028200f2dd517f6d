import { describe, expect, it } from "vitest";
import type { DeviceName, GrantFact, RevocationFact } from "./device-operations.ts";
import { findDevices, findRenewals } from "./find-devices.ts";

const day = 24 * 60 * 60_000;
const nowMs = 1_000 * day;
const named = (deviceId: string): DeviceName => ({ deviceId, publicKey: new Uint8Array(1) });
const grant = (issuer: string, subject: string, rest: Partial<GrantFact> = {}): GrantFact => ({
  issuer: named(issuer),
  subject: named(subject),
  isFull: true,
  notBeforeMs: nowMs - day,
  notAfterMs: nowMs + 90 * day,
  ...rest,
});
const revocation = (issuer: string, subject: string): RevocationFact => ({
  issuer: named(issuer),
  subject: named(subject),
  revokedAtMs: nowMs - 5,
});
const find = (grants: GrantFact[], revocations: RevocationFact[] = []) =>
  findDevices(named("me"), { grants, revocations }, nowMs);
const standings = (...given: Parameters<typeof find>) =>
  Object.fromEntries(find(...given).others.map((device) => [device.deviceId, device.standing]));

describe("findDevices", () => {
  it("follows this device's own grants, at most four in a row", () => {
    const chain = [grant("me", "a"), grant("a", "b"), grant("b", "c"), grant("c", "d")];
    expect(standings([...chain, grant("d", "e")])).toEqual({
      a: "trusted",
      b: "trusted",
      c: "trusted",
      d: "trusted",
      e: "other",
    });
  });

  it("takes a device that vouches for this one for no more than that", () => {
    expect(standings([grant("x", "me"), grant("x", "y")])).toEqual({ x: "vouching", y: "other" });
    expect(standings([grant("x", "me"), grant("me", "x")])).toEqual({ x: "trusted" });
  });

  it("follows nothing that is over, is not yet, or is for named workspaces", () => {
    expect(
      standings([
        grant("me", "late", { notAfterMs: nowMs }),
        grant("me", "early", { notBeforeMs: nowMs + 1 }),
        grant("me", "narrow", { isFull: false }),
      ]),
    ).toEqual({ late: "other", early: "other", narrow: "other" });
  });

  it("trusts no longer than the shortest step, along the way that lasts longest", () => {
    const { others } = find([
      grant("me", "a", { notAfterMs: nowMs + 9 * day }),
      grant("a", "b"),
      grant("me", "c", { notAfterMs: nowMs + 50 * day }),
      grant("c", "b", { notAfterMs: nowMs + 70 * day }),
    ]);
    expect(others.find(({ deviceId }) => deviceId === "b")).toMatchObject({
      untilMs: nowMs + 50 * day,
      trustedBy: ["a", "c"],
    });
  });

  it("ends at a revoked device, and what it alone vouched for ends with it", () => {
    const grants = [grant("me", "a"), grant("a", "b")];
    expect(standings(grants, [revocation("me", "a")])).toMatchObject({ a: "revoked" });
    expect(find(grants, [revocation("me", "a")]).others[0]).toMatchObject({
      revokedBy: "me",
      revokedAtMs: nowMs - 5,
    });
  });

  it("hears nobody whom this device never trusted", () => {
    const grants = [grant("me", "a"), grant("x", "me")];
    expect(standings(grants, [revocation("x", "a")])).toMatchObject({ a: "trusted" });
    expect(standings(grants, [revocation("a", "x")])).toMatchObject({ x: "revoked" });
  });

  it("says when this device was revoked, by whom it knows", () => {
    expect(find([grant("x", "me")], [revocation("x", "me")]).ownRevokedAtMs).toBe(nowMs - 5);
    expect(find([], [revocation("x", "me")]).ownRevokedAtMs).toBeUndefined();
  });
});

describe("findRenewals", () => {
  const due = (...given: Parameters<typeof find>) =>
    findRenewals(find(...given), nowMs).map(({ deviceId }) => deviceId);
  const soon = { notAfterMs: nowMs + 30 * day - 1 };

  it("names trusted devices with less than 30 days left, direct or not", () => {
    expect(
      due([
        grant("me", "a", soon),
        grant("me", "b", { notAfterMs: nowMs + 30 * day }),
        grant("b", "c", soon),
      ]),
    ).toEqual(["a", "c"]);
  });

  it("leaves out what ran out, was revoked, or only vouches", () => {
    const grants = [
      grant("me", "over", { notAfterMs: nowMs }),
      grant("me", "gone", soon),
      grant("x", "me", soon),
    ];
    expect(due(grants, [revocation("me", "gone")])).toEqual([]);
  });

  it("does nothing on a device that was revoked", () => {
    expect(due([grant("me", "a", soon), grant("a", "me")], [revocation("a", "me")])).toEqual([]);
  });
});
