import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { makeKeystore } from "./keystore.ts";

const random = (length: number) => new Uint8Array(randomBytes(length));
const ringOf = (...versions: number[]) => ({
  activeVersion: Math.max(...versions),
  keys: new Map(versions.map((version) => [version, new Uint8Array(32).fill(version)])),
});
const place = { table: "totp", column: "secret", row: "usr_1" };
const secret = new TextEncoder().encode("a secret of twenty b");
const keystore = makeKeystore(ringOf(1, 2), random);

test("what was sealed opens at its place, and the layout is as documented", () => {
  const sealed = keystore.seal(place, secret);
  expect(keystore.open(place, sealed)).toEqual({ ok: true, plaintext: secret });
  expect([...sealed.slice(0, 5)]).toEqual([1, 0, 0, 0, 2]);
  expect(sealed).toHaveLength(5 + 24 + secret.length + 16);
  expect(Buffer.from(sealed).includes(secret)).toBe(false);
  expect(keystore.seal(place, secret)).not.toEqual(sealed);
  const nothing = keystore.seal(place, new Uint8Array());
  expect(keystore.open(place, nothing)).toEqual({ ok: true, plaintext: new Uint8Array() });
});

test("older keys still open, a removed one is named as unknown", () => {
  const old = makeKeystore(ringOf(1), random).seal(place, secret);
  expect(keystore.open(place, old)).toEqual({ ok: true, plaintext: secret });
  const without = makeKeystore(ringOf(2), random);
  expect(without.open(place, old)).toEqual({ ok: false, reason: "unknown_key" });
});

test.each([
  { ...place, table: "totq" },
  { ...place, column: "secret2" },
  { ...place, row: "usr_2" },
  { ...place, row: "" },
  // The same letters, split elsewhere.
  { table: "totps", column: "ecret", row: "usr_1" },
  { table: "totp", column: "secretu", row: "sr_1" },
])("moved to %o it does not open", (elsewhere) => {
  const sealed = keystore.seal(place, secret);
  expect(keystore.open(elsewhere, sealed)).toEqual({ ok: false, reason: "refused" });
});

test("one altered bit anywhere, and it does not open", () => {
  const sealed = keystore.seal(place, secret);
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const altered = new Uint8Array(sealed);
    altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(keystore.open(place, altered).ok, `bit ${bit}`).toBe(false);
  }
});

test("re-labelled with another version that exists it does not open", () => {
  // Even where both versions hold the same key.
  const key = new Uint8Array(32).fill(7);
  const twins = makeKeystore(
    {
      activeVersion: 2,
      keys: new Map([
        [1, key],
        [2, key],
      ]),
    },
    random,
  );
  const sealed = twins.seal(place, secret);
  sealed[4] = 1;
  expect(twins.open(place, sealed)).toEqual({ ok: false, reason: "refused" });
});

test("cut, lengthened, foreign and empty bytes are refused", () => {
  const sealed = keystore.seal(place, secret);
  for (let length = 0; length < sealed.length; length += 1) {
    expect(keystore.open(place, sealed.slice(0, length)).ok, `${length} bytes`).toBe(false);
  }
  expect(keystore.open(place, new Uint8Array([...sealed, 0])).ok).toBe(false);
  expect(keystore.open(place, secret)).toEqual({ ok: false, reason: "unknown_format" });
  expect(keystore.open(place, new Uint8Array())).toEqual({ ok: false, reason: "unknown_format" });
});
