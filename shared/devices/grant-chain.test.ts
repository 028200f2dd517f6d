import { describe, expect, test } from "vitest";
import type { DeviceKeyPrimitives } from "../identity/device-key.ts";
import { maxGrantSignatureChecks } from "../limits/limits.ts";
import { type ChainQuery, findGrantChain } from "./grant-chain.ts";
import type { GrantTerms } from "./grant.ts";
import { makeWorkspaceScope, type WorkspaceScope } from "./scope.ts";
import { selectGrants } from "./select-grants.ts";
import {
  makeTestDevice,
  requireGrant,
  type TestDevice,
  testDevicePrimitives as primitives,
} from "./test-devices.ts";

const devices = "abcdef".split("").map(makeTestDevice);
const [a, b, c, d, e, f] = devices as [
  TestDevice,
  TestDevice,
  TestDevice,
  TestDevice,
  TestDevice,
  TestDevice,
];

/** Looks for a way from `a`, ann's root, at the time 5,000. */
async function search(
  subject: TestDevice,
  steps: readonly [TestDevice, TestDevice, Partial<GrantTerms>?][],
  changes: Partial<ChainQuery> = {},
) {
  const grants = await Promise.all(
    steps.map(async ([issuer, to, terms]) => requireGrant(await issuer.grant(to, terms))),
  );
  return findGrantChain({
    primitives,
    roots: [{ publicKey: a.publicKey, userId: "ann" }],
    isRevoked: () => false,
    grants,
    devicePublicKey: subject.publicKey,
    userId: "ann",
    nowMs: 5_000,
    ...changes,
  });
}

function workspaces(role: WorkspaceScope["role"], ...ids: string[]): WorkspaceScope {
  const scope = makeWorkspaceScope(ids, role);
  if (!scope) throw new Error("no scope");
  return scope;
}

describe("a chain", () => {
  test("of none leads to the root itself, for its own user only", async () => {
    const root = { ok: true, ownerId: "ann", scope: { kind: "full" }, notAfterMs: null };
    expect(await search(a, [])).toMatchObject(root);
    expect(await search(a, [], { userId: "bob" })).toEqual({ ok: false, why: "unknown" });
    expect(await search(a, [], { roots: [] })).toEqual({ ok: false, why: "unknown" });
    expect(await search(b, [])).toEqual({ ok: false, why: "unknown" });
  });

  test("of four is taken, of five is not, and the shortest is", async () => {
    const steps = [
      [a, b],
      [b, c, { notAfterMs: 7_000 }],
      [c, d],
      [d, e],
      [e, f],
    ] as [TestDevice, TestDevice][];
    expect(await search(e, steps)).toMatchObject({ ok: true, notAfterMs: 7_000 });
    expect(await search(f, steps)).toEqual({ ok: false, why: "unknown" });
    const short = await search(e, [...steps, [a, e]]);
    expect(short).toMatchObject({ ok: true, notAfterMs: 9_000 });
    expect(short.ok && short.grants).toHaveLength(1);
  });

  test("is good from its latest start to its earliest end", async () => {
    const steps = [
      [a, b, { notBeforeMs: 2_000, notAfterMs: 8_000 }],
      [b, c, { notBeforeMs: 3_000, notAfterMs: 9_000 }],
    ] as [TestDevice, TestDevice, Partial<GrantTerms>][];
    for (const [nowMs, ok] of [
      [2_999, false],
      [3_000, true],
      [7_999, true],
      [8_000, false],
    ] as const) {
      expect((await search(c, steps, { nowMs })).ok, `at ${nowMs}`).toBe(ok);
    }
    expect(await search(b, steps, { nowMs: 8_000 })).toEqual({ ok: false, why: "expired" });
  });

  test("ends with the revocation of any of its devices", async () => {
    const steps = [
      [a, b],
      [b, c],
    ] as [TestDevice, TestDevice][];
    for (const gone of [a, b, c]) {
      const isRevoked = (deviceId: string) => deviceId === gone.deviceId;
      expect((await search(c, steps, { isRevoked })).ok).toBe(false);
    }
    const isRevoked = (deviceId: string) => deviceId === b.deviceId;
    expect(await search(c, steps, { isRevoked })).toEqual({ ok: false, why: "revoked" });
    expect((await search(c, [...steps, [a, c]], { isRevoked })).ok).toBe(true);
  });

  test("that goes in circles or starts nowhere leads nowhere", async () => {
    const circle = [
      [b, c],
      [c, d],
      [d, b],
      [c, b],
      [b, b],
    ] as [TestDevice, TestDevice][];
    expect(await search(d, circle)).toEqual({ ok: false, why: "unknown" });
    expect((await search(d, [...circle, [a, b]])).ok).toBe(true);
    expect((await search(a, [[b, a]])).ok).toBe(true);
  });

  test("with a forged link is refused; another way is found", async () => {
    const forged = requireGrant(await a.grant(b));
    const grants = [{ ...forged, signature: forged.signature.with(100, 1).with(101, 1) }];
    expect(await search(b, [], { grants })).toEqual({ ok: false, why: "forged" });
    const around = [...grants, requireGrant(await a.grant(c)), requireGrant(await c.grant(b))];
    const found = await search(b, [], { grants: around });
    expect(found.ok && found.grants).toHaveLength(2);
  });

  test("costs a bounded number of signatures, whatever is shown", async () => {
    const genuine = requireGrant(await a.grant(b));
    const grants = Array.from({ length: 64 }, (_, index) => ({
      ...genuine,
      notAfterMs: 9_000 + index,
    }));
    let checks = 0;
    const counting: DeviceKeyPrimitives = {
      ...primitives,
      ed25519Verify() {
        checks += 1;
        return false;
      },
    };
    expect((await search(b, [], { grants, primitives: counting })).ok).toBe(false);
    expect(checks).toBe(maxGrantSignatureChecks);
  });

  test("in a dense mesh is found without trying every way", async () => {
    const grants = [];
    for (const from of devices) {
      for (const to of devices) {
        if (from !== to && from !== a) grants.push(requireGrant(await from.grant(to)));
      }
    }
    let checks = 0;
    const counting: DeviceKeyPrimitives = {
      ...primitives,
      ed25519Verify(...verified) {
        checks += 1;
        return primitives.ed25519Verify(...verified);
      },
    };
    grants.push(requireGrant(await a.grant(b)));
    const found = await search(f, [], { grants, primitives: counting });
    expect(found.ok && found.grants).toHaveLength(2);
    expect(checks).toBe(2);
    const isRevoked = (deviceId: string) => deviceId === b.deviceId;
    expect((await search(f, [], { grants, isRevoked })).ok).toBe(false);
  });
});

describe("scope", () => {
  test("only shrinks along the chain", async () => {
    const found = await search(d, [
      [a, b, { scope: workspaces("drive", "w1", "w2") }],
      [b, c, { scope: workspaces("view", "w2", "w3") }],
      [c, d],
    ]);
    expect(found).toMatchObject({ ok: true, scope: workspaces("view", "w2") });
  });

  test("full is preferred to workspaces of the same length", async () => {
    const found = await search(b, [
      [a, b, { scope: workspaces("drive", "w1"), notAfterMs: 9_500 }],
      [a, b],
    ]);
    expect(found).toMatchObject({ ok: true, scope: { kind: "full" } });
  });

  test("another user gets workspaces of the owner, never everything", async () => {
    const bob = { userId: "bob" };
    const scope = workspaces("drive", "w1");
    expect(await search(b, [[a, b, { ...bob, scope }]], bob)).toMatchObject({
      ok: true,
      ownerId: "ann",
      scope,
    });
    expect(await search(b, [[a, b, { ...bob, scope }]])).toEqual({ ok: false, why: "unknown" });
    expect(await search(b, [[a, b, bob]], bob)).toEqual({ ok: false, why: "unknown" });
  });

  test("another user hands on to own devices, and to nobody else", async () => {
    const scope = workspaces("drive", "w1");
    const shared: [TestDevice, TestDevice, Partial<GrantTerms>] = [a, b, { userId: "bob", scope }];
    const own = await search(c, [shared, [b, c, { userId: "bob" }]], { userId: "bob" });
    expect(own).toMatchObject({ ok: true, ownerId: "ann", scope });
    for (const userId of ["carl", "ann"]) {
      const further = await search(c, [shared, [b, c, { userId, scope }]], { userId });
      expect(further.ok).toBe(false);
    }
  });
});

describe("the grants that a client shows", () => {
  test("are those that lead to it, without the expired and the forged", async () => {
    const wanted = [await a.grant(b), await b.grant(c)];
    const back = await c.grant(b);
    const late = await a.grant(c, { notAfterMs: 4_000 });
    const elsewhere = await c.grant(d);
    const forged = wanted[1]?.with(-1 + wanted[1].length, 0xee) ?? new Uint8Array(0);
    const options = { primitives, devicePublicKey: c.publicKey, nowMs: 5_000 };
    const shown = selectGrants({
      ...options,
      signedGrants: [late, elsewhere, forged, new Uint8Array(3), ...wanted, back],
    });
    expect(shown).toEqual([wanted[1], wanted[0], back]);
    const grants = shown.map(requireGrant);
    expect((await search(c, [], { grants })).ok).toBe(true);
  });
});
