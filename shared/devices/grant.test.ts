import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  GrantBodySchema,
  SignedGrantSchema,
  SignedRevocationSchema,
} from "@leapmux/proto/sealed/v1/device_pb.ts";
import { describe, expect, test } from "vitest";
import { maxGrantBytes } from "../limits/limits.ts";
import { decodeGrant, makeOwnDeviceTerms, verifyGrantSignature } from "./grant.ts";
import { decodeRevocation, signRevocation, verifyRevocationSignature } from "./revocation.ts";
import { makeWorkspaceScope } from "./scope.ts";
import {
  makeTestDevice,
  requireGrant,
  testDevicePrimitives as primitives,
} from "./test-devices.ts";

const laptop = makeTestDevice("laptop");
const phone = makeTestDevice("phone");
const signedGrant = await laptop.grant(phone);

/** A grant with a changed body under a signature of the right size. */
function changeBody(change: (body: ReturnType<typeof create<typeof GrantBodySchema>>) => void) {
  const { body, signature } = fromBinary(SignedGrantSchema, signedGrant);
  const message = fromBinary(GrantBodySchema, body);
  change(message);
  const changed = toBinary(GrantBodySchema, message);
  return toBinary(SignedGrantSchema, create(SignedGrantSchema, { body: changed, signature }));
}

describe("a grant", () => {
  test("says what was signed", () => {
    const grant = requireGrant(signedGrant);
    expect(verifyGrantSignature(primitives, grant)).toBe(true);
    expect(grant).toMatchObject({
      userId: "ann",
      scope: { kind: "full" },
      notBeforeMs: 1_000,
      notAfterMs: 9_000,
    });
    expect(grant.issuer).toEqual(laptop.publicKey);
    expect(grant.subject).toEqual(phone.publicKey);
    expect(signedGrant.length).toBeLessThan(7_600);
  });

  test("carries workspaces and a role", async () => {
    const scope = makeWorkspaceScope(["w1", "w2"], "view");
    if (!scope) throw new Error("no scope");
    const grant = requireGrant(await laptop.grant(phone, { scope }));
    expect(grant.scope).toEqual(scope);
    expect(verifyGrantSignature(primitives, grant)).toBe(true);
  });

  test("for an own device holds ninety days and starts early", () => {
    const terms = makeOwnDeviceTerms(phone.publicKey, "ann", 10_000_000_000);
    expect(terms.notBeforeMs).toBe(10_000_000_000 - 3_600_000);
    expect(terms.notAfterMs).toBe(10_000_000_000 + 90 * 86_400_000);
  });

  test("altered anywhere is refused", () => {
    // Every byte of what is not key or signature, and a sample of those.
    for (let at = 0; at < signedGrant.length; at += at % 8 === 0 ? 1 : 61) {
      const altered = signedGrant.with(at, (signedGrant[at] ?? 0) ^ 0x01);
      const grant = decodeGrant(altered);
      if (grant && verifyGrantSignature(primitives, grant)) throw new Error(`byte ${at} was taken`);
    }
  });

  test("cut short, too long or empty is refused", () => {
    for (const length of [0, 1, 10, 4_000, signedGrant.length - 1]) {
      expect(decodeGrant(signedGrant.subarray(0, length))).toBeNull();
    }
    const padded = new Uint8Array(maxGrantBytes + 1);
    padded.set(signedGrant);
    expect(decodeGrant(padded)).toBeNull();
  });

  test("with terms that make no sense is refused before its signature is looked at", () => {
    const changes: Parameters<typeof changeBody>[0][] = [
      (body) => (body.subjectPublicKey = new Uint8Array(1983)),
      (body) => (body.issuerPublicKey = new Uint8Array(0)),
      (body) => (body.userId = ""),
      (body) => (body.userId = "a b"),
      (body) => (body.userId = "x".repeat(65)),
      (body) => (body.serial = new Uint8Array(15)),
      (body) => (body.notAfterMs = body.notBeforeMs),
      (body) => (body.notBeforeMs = -1n),
      (body) => (body.notAfterMs = 2n ** 62n),
      (body) => delete body.scope,
      (body) =>
        (body.scope = { $typeName: "leapmux.sealed.v1.GrantScope", scope: { case: undefined } }),
      (body) => (body.$unknown = [{ no: 99, wireType: 0, data: new Uint8Array([1]) }]),
    ];
    expect(decodeGrant(changeBody(() => undefined))).not.toBeNull();
    for (const [index, change] of changes.entries()) {
      expect(decodeGrant(changeBody(change)), `change ${index}`).toBeNull();
    }
  });

  test.each([0, 3])("with role %i, which is none, is refused", (role) => {
    const changed = changeBody((body) => {
      body.scope = {
        $typeName: "leapmux.sealed.v1.GrantScope",
        scope: {
          case: "workspaces",
          value: {
            $typeName: "leapmux.sealed.v1.WorkspaceScope",
            workspaceIds: ["w"],
            role: role as 1,
          },
        },
      };
    });
    expect(decodeGrant(changed)).toBeNull();
  });

  test("nobody signs one that nobody would take", async () => {
    await expect(laptop.grant(phone, { notAfterMs: 0 })).rejects.toThrow(RangeError);
    await expect(laptop.grant(phone, { userId: "" })).rejects.toThrow(RangeError);
    expect(makeWorkspaceScope(["a b"], "view")).toBeNull();
  });
});

describe("a revocation", () => {
  const terms = { device: phone.publicKey, userId: "ann", revokedAtMs: 5_000 };

  test("says what was signed, and nothing altered is taken", async () => {
    const signed = await signRevocation(laptop, terms);
    const revocation = decodeRevocation(signed);
    expect(revocation).toMatchObject({ userId: "ann", revokedAtMs: 5_000 });
    expect(revocation && verifyRevocationSignature(primitives, revocation)).toBe(true);
    for (let at = 0; at < signed.length; at += at % 8 === 0 ? 1 : 67) {
      const altered = decodeRevocation(signed.with(at, (signed[at] ?? 0) ^ 0x80));
      if (altered && verifyRevocationSignature(primitives, altered)) {
        throw new Error(`byte ${at} was taken`);
      }
    }
    expect(decodeRevocation(signed.subarray(1))).toBeNull();
    expect(decodeRevocation(new Uint8Array(maxGrantBytes + 1))).toBeNull();
  });

  test("and a grant are never taken for each other", async () => {
    const { body, signature } = fromBinary(SignedGrantSchema, signedGrant);
    const posing = toBinary(
      SignedRevocationSchema,
      create(SignedRevocationSchema, { body, signature }),
    );
    const revocation = decodeRevocation(posing);
    expect(revocation && verifyRevocationSignature(primitives, revocation)).not.toBe(true);
    expect(decodeGrant(await signRevocation(laptop, terms))).toBeNull();
  });
});
