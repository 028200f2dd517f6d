/**
 * What devices sign, altered in every way: nothing but the genuine bytes is ever taken, and no input throws. Chains
 * of grants against a search that tries every way.
 */
import { nativeDevicePrimitives } from "@leapmux/native/native-device-primitives.ts";
import { findGrantChain } from "@leapmux/shared/devices/grant-chain.ts";
import { decodeGrant, type Grant, verifyGrantSignature } from "@leapmux/shared/devices/grant.ts";
import { decodeRevocation, verifyRevocationSignature } from "@leapmux/shared/devices/revocation.ts";
import {
  type DeviceScope,
  intersectScopes,
  makeWorkspaceScope,
} from "@leapmux/shared/devices/scope.ts";
import type { DeviceKeyPrimitives } from "@leapmux/shared/identity/device-key.ts";
import { deviceIdOf } from "@leapmux/shared/identity/device-id.ts";
import { formatPairingKey, parsePairingKey } from "@leapmux/shared/identity/pairing.ts";
import { verifyCaller } from "@leapmux/worker/trust/verify-caller.ts";
import { expect, inject, test } from "vitest";
import { makeClientDevice } from "../harness/client-device.ts";
import { makeRandomInputs, type RandomInputs } from "../harness/random-inputs.ts";

const total = Number(process.env["LEAPMUX_TEST_INPUTS"] ?? 1_000_000);
const seed = inject("propertySeed");

function survive(share: number, name: string, once: (random: RandomInputs) => void): void {
  const count = Math.ceil(total * share);
  test(`${name} (${count} inputs)`, { timeout: 300_000 }, () => {
    const random = makeRandomInputs(seed);
    for (let index = 0; index < count; index += 1) {
      try {
        once(random);
      } catch (error) {
        throw new Error(`input ${index} with FC_SEED=${seed}`, { cause: error });
      }
    }
  });
}

const root = makeClientDevice("ann");
const phone = makeClientDevice("ann");
const scope = makeWorkspaceScope(["w1", "w2"], "view") ?? { kind: "full" as const };
const grants = [await root.grant(phone), await root.grant(phone, { scope })];
const revocations = [await root.revoke(phone), await phone.revoke(root)];
const same = (input: Uint8Array, genuine: readonly Uint8Array[]): boolean =>
  genuine.some((each) => Buffer.compare(each, input) === 0);

survive(0.02, "grants", (random) => {
  const input =
    random.below(20) === 0 ? random.bytes(200) : random.mutate([...grants, ...revocations]);
  const grant = decodeGrant(input);
  if (!grant || same(input, grants)) return;
  if (verifyGrantSignature(nativeDevicePrimitives, grant)) throw new Error("taken");
});

survive(0.02, "revocations", (random) => {
  const input =
    random.below(20) === 0 ? random.bytes(200) : random.mutate([...revocations, ...grants]);
  const revocation = decodeRevocation(input);
  if (!revocation || same(input, revocations)) return;
  if (verifyRevocationSignature(nativeDevicePrimitives, revocation)) throw new Error("taken");
});

const binding = new Uint8Array(64).fill(3);
const claim = await phone.claim(binding);
const state = {
  primitives: nativeDevicePrimitives,
  roots: [{ publicKey: root.publicKey, userId: "ann" }],
  isRevoked: () => false,
  nowMs: Date.now(),
};

test("the claim that the next test alters is taken as it is", () => {
  const verdict = verifyCaller({ ...claim, grants: grants.slice(0, 1) }, binding, state);
  expect(verdict).toMatchObject({ ok: true, caller: { scope: { kind: "full" } } });
});

survive(0.005, "claims", (random) => {
  const { devicePublicKey = binding, signature = binding } = claim;
  const altered = {
    userId: random.below(4) === 0 ? random.mutateText(["ann", ""]) : "ann",
    devicePublicKey: random.below(4) === 0 ? random.mutate([devicePublicKey]) : devicePublicKey,
    signature: random.below(4) === 0 ? random.mutate([signature]) : signature,
    grants: random.below(2) === 0 ? [random.mutate(grants)] : grants.slice(0, random.below(2)),
  };
  const verdict = verifyCaller(altered, binding, state);
  if (!verdict.ok) return;
  const isGenuine =
    altered.userId === "ann" &&
    same(altered.devicePublicKey, [devicePublicKey]) &&
    same(altered.signature, [signature]) &&
    altered.grants.every((grant) => same(grant, grants));
  if (!isGenuine) throw new Error("taken");
});

const secret = new Uint8Array(32).fill(5);
const key = formatPairingKey("lmk_abcdefghijkl", secret);
survive(0.05, "keys of registration commands", (random) => {
  const input = random.below(10) === 0 ? random.text(60) : random.mutateText([key]);
  const parsed = parsePairingKey(input);
  if (!parsed) return;
  const again =
    parsed.secret === null
      ? parsed.registrationKey
      : formatPairingKey(parsed.registrationKey, parsed.secret);
  if (again !== input) throw new Error("not the same again");
});

/** Signatures hold where the serial says so: the search, not the cryptography, is in question. */
const serials: DeviceKeyPrimitives = {
  ...nativeDevicePrimitives,
  ed25519Verify: (_key, _message, signature) => signature[0] === 1,
  mlDsaVerify: () => true,
};
const keys = [0, 1, 2, 3, 4, 5].map((index) => new Uint8Array(1984).fill(index + 1));
const ids = keys.map(deviceIdOf);
const users = ["ann", "bob"] as const;
const scopes: readonly DeviceScope[] = [
  { kind: "full" },
  { kind: "workspaces", workspaceIds: new Set(["w1", "w2"]), role: "drive" },
  { kind: "workspaces", workspaceIds: new Set(["w2"]), role: "view" },
];

survive(0.005, "chains of grants against every way there is", (random) => {
  const graph = Array.from({ length: 1 + random.below(10) }, (): Grant => {
    const notBeforeMs = random.pick([0, 0, 0, 60]);
    return {
      issuer: random.pick(keys),
      subject: random.pick(keys),
      userId: random.pick(["ann", "ann", "bob"]),
      scope: random.pick(scopes),
      notBeforeMs,
      notAfterMs: random.pick([100, 100, 40, 200]),
      serial: new Uint8Array(16),
      body: new Uint8Array(1),
      signature: new Uint8Array(3373).fill(random.below(8) === 0 ? 0 : 1),
    };
  });
  const revoked = new Set(random.below(3) === 0 ? [random.pick(ids)] : []);
  const roots = [{ publicKey: keys[0] ?? secret, userId: "ann" }];
  const nowMs = 50;
  const target = random.below(keys.length);
  const userId = random.pick(users);
  const found = findGrantChain({
    primitives: serials,
    roots,
    isRevoked: (id) => revoked.has(id),
    grants: graph,
    devicePublicKey: keys[target] ?? secret,
    userId,
    nowMs,
  });

  const isSound = (grant: Grant): boolean =>
    grant.notBeforeMs <= nowMs &&
    nowMs < grant.notAfterMs &&
    grant.signature[0] === 1 &&
    grant.issuer !== grant.subject &&
    !revoked.has(deviceIdOf(grant.subject));
  /** The scope of each way to the target, with its length. */
  function walk(
    at: Uint8Array,
    user: string,
    rights: DeviceScope,
    length: number,
  ): [number, DeviceScope][] {
    const here: [number, DeviceScope][] =
      at === keys[target] && user === userId ? [[length, rights]] : [];
    if (length === 4) return here;
    const further = graph
      .filter((grant) => grant.issuer === at && isSound(grant))
      .flatMap((grant) => {
        const isHandedOver = grant.userId !== user;
        const mayHandOver = rights.kind === "full" && grant.scope.kind !== "full";
        if (isHandedOver && !mayHandOver) return [];
        return walk(grant.subject, grant.userId, intersectScopes(rights, grant.scope), length + 1);
      });
    return [...here, ...further];
  }
  const isRootGone = revoked.has(ids[0] ?? "");
  const ways =
    isRootGone || revoked.has(ids[target] ?? "")
      ? []
      : walk(keys[0] ?? secret, "ann", { kind: "full" }, 0);
  if (found.ok !== ways.length > 0) throw new Error(`found ${found.ok}, there are ${ways.length}`);
  if (!found.ok) return;
  const shortest = Math.min(...ways.map(([length]) => length));
  if (found.grants.length !== shortest) throw new Error("not the shortest");
  const describe = (rights: DeviceScope): string =>
    rights.kind === "full"
      ? "full"
      : `${rights.role} ${[...rights.workspaceIds].toSorted().join()}`;
  const possible = ways
    .filter(([length]) => length === shortest)
    .map(([, rights]) => describe(rights));
  if (!possible.includes(describe(found.scope))) throw new Error("a scope that no way has");
});
