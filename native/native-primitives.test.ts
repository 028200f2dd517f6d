import { describe, expect, test } from "vitest";
import { noblePrimitives as noble } from "@leapmux/shared/noise/noble-primitives.ts";
import { nativePrimitives as native } from "./native-primitives.ts";
import { nodeRandom as random } from "./node-platform.ts";

/** noble and OpenSSL held against each other, each side in each role. */
const pairs = [
  ["noble to native", noble, native],
  ["native to noble", native, noble],
] as const;

/** Around the block sizes of BLAKE2b (128), ChaCha20 (64) and Poly1305 (16). */
const lengths = [0, 1, 15, 16, 17, 63, 64, 65, 127, 128, 129, 255, 256, 600];

/** `slice` must copy: `shared` zeroes secrets after copying parts of them. */
function expectPlain(value: Uint8Array | null | undefined): void {
  expect(value && Object.getPrototypeOf(value)).toBe(Uint8Array.prototype);
}

describe("hashes", () => {
  test("BLAKE2b-512 and its HMAC agree on any input", () => {
    for (const length of lengths) {
      const data = random(length);
      const parts = [random(3), data, new Uint8Array(0), random(129)];
      expect(native.blake2b512(...parts)).toEqual(noble.blake2b512(...parts));
      for (const keyLength of [0, 32, 64, 127, 128, 129, 300]) {
        const key = random(keyLength);
        expect(native.hmacBlake2b512(key, data)).toEqual(noble.hmacBlake2b512(key, data));
      }
    }
    expectPlain(native.blake2b512());
    expectPlain(native.hmacBlake2b512(random(32), random(1)));
  });
});

describe.each(pairs)("AEAD, %s", (_name, sealing, opening) => {
  test("opens what the other sealed, and nothing that was changed", () => {
    for (const length of lengths) {
      const [key, nonce, associatedData] = [random(32), random(12), random(length % 80)];
      const plaintext = random(length);
      const sealed = sealing.seal(key, nonce, associatedData, plaintext);
      expect(sealed).toHaveLength(length + 16);
      expect(opening.open(key, nonce, associatedData, sealed)).toEqual(plaintext);

      for (let at = 0; at < sealed.length; at += 7) {
        const changed = sealed.with(at, (sealed[at] ?? 0) ^ 1);
        expect(opening.open(key, nonce, associatedData, changed)).toBeNull();
        expect(opening.open(key, nonce, associatedData, sealed.subarray(0, at))).toBeNull();
      }
      const otherData = new Uint8Array([...associatedData, 0]);
      expect(opening.open(key, nonce, otherData, sealed)).toBeNull();
      expect(opening.open(key, random(12), associatedData, sealed)).toBeNull();
      expect(opening.open(random(32), nonce, associatedData, sealed)).toBeNull();
    }
  });

  test("takes a chunk of the largest size, at an offset in a larger buffer", () => {
    const [key, nonce, associatedData] = [random(32), random(12), random(9)];
    const chunk = random(65_600).subarray(17, 17 + 65_519);
    const sealed = sealing.seal(key, nonce, associatedData, chunk);
    expectPlain(sealed);
    const shifted = new Uint8Array(sealed.length + 3);
    shifted.set(sealed, 3);
    const opened = opening.open(key, nonce, associatedData, shifted.subarray(3));
    expect(Buffer.compare(opened ?? new Uint8Array(0), chunk)).toBe(0);
    expectPlain(opened);
  });
});

describe.each(pairs)("X25519, %s", (_name, mine, theirs) => {
  test("both sides reach the same secret", () => {
    const [a, b] = [random(32), random(32)];
    const shared = mine.x25519(a, theirs.x25519PublicKey(b));
    expect(shared).toEqual(theirs.x25519(b, mine.x25519PublicKey(a)));
    expectPlain(shared);
    expectPlain(mine.x25519PublicKey(a));
  });

  test("agree on any 32 bytes as a point, non-canonical ones included, and refuse other lengths", () => {
    const key = random(32);
    const points = Array.from({ length: 20 }, () => random(32));
    for (let low = 0xe9; low <= 0xff; low++) {
      points.push(new Uint8Array(32).fill(0xff).with(0, low));
      points.push(new Uint8Array(32).fill(0xff).with(0, low).with(31, 0x7f));
    }
    for (const point of points) expect(mine.x25519(key, point)).toEqual(theirs.x25519(key, point));
    for (const length of [0, 31, 33]) expect(mine.x25519(key, random(length))).toBeNull();
    expect(mine.x25519(key, new Uint8Array(32))).toBeNull();
  });
});

describe.each(pairs)("ML-KEM-1024, %s", (_name, sender, receiver) => {
  const seed = random(64);
  const pair = receiver.mlKemKeyPair(seed);

  test("both derive the same key from a seed", () => {
    expect(pair.encapsulationKey).toEqual(sender.mlKemKeyPair(seed).encapsulationKey);
    expectPlain(pair.encapsulationKey);
  });

  test("decapsulates what the other encapsulated, and rejects implicitly", () => {
    const sent = sender.mlKemEncapsulate(pair.encapsulationKey, random(32));
    if (!sent) throw new Error("refused");
    expect(receiver.mlKemDecapsulate(pair, sent.ciphertext)).toEqual(sent.sharedSecret);

    const changed = sent.ciphertext.with(5, (sent.ciphertext[5] ?? 0) ^ 1);
    const rejected = receiver.mlKemDecapsulate(pair, changed);
    expect(rejected).not.toEqual(sent.sharedSecret);
    expect(rejected).toEqual(sender.mlKemDecapsulate(sender.mlKemKeyPair(seed), changed));
    expectPlain(rejected);
  });

  test("refuses wrong lengths and keys above the modulus", () => {
    expect(receiver.mlKemDecapsulate(pair, new Uint8Array(1567))).toBeNull();
    expect(sender.mlKemEncapsulate(new Uint8Array(1569), random(32))).toBeNull();
    const malformed = pair.encapsulationKey.slice().fill(0xff, 0, 3);
    expect(sender.mlKemEncapsulate(malformed, random(32))).toBeNull();
  });

  test("a destroyed pair decapsulates no more as itself", () => {
    const gone = receiver.mlKemKeyPair(seed);
    const sent = sender.mlKemEncapsulate(gone.encapsulationKey, random(32));
    if (!sent) throw new Error("refused");
    gone.destroy();
    const decapsulate = () => receiver.mlKemDecapsulate(gone, sent.ciphertext);
    if (receiver === native) expect(decapsulate).toThrow(TypeError);
    else expect(gone.secret).toEqual(new Uint8Array(3168));
  });
});
