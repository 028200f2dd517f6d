import { beforeAll, describe, expect, test } from "vitest";
import { noblePrimitives as primitives } from "../noise/noble-primitives.ts";
import { makeTestRandom } from "../noise/test-random.ts";
import { joinCompositeKey, splitCompositeKey } from "./composite-key.ts";
import { encodeHex } from "./hex.ts";
import {
  decodeWorkerSecrets,
  encodeWorkerSecrets,
  generateWorkerSecrets,
  type StoredWorkerSecrets,
  type WorkerSecrets,
} from "./worker-secrets.ts";

const random = makeTestRandom("worker-secrets.test");
let secrets: WorkerSecrets;
let stored: StoredWorkerSecrets;

beforeAll(() => {
  secrets = generateWorkerSecrets(primitives, random);
  stored = encodeWorkerSecrets(secrets);
});

describe("worker secrets", () => {
  test("come back from JSON as they were", () => {
    const decoded = decodeWorkerSecrets(primitives, JSON.parse(JSON.stringify(stored)));
    expect(decoded).not.toBeNull();
    expect(decoded?.x25519PrivateKey).toEqual(secrets.x25519PrivateKey);
    expect(decoded?.slhDsaSecretKey).toEqual(secrets.slhDsaSecretKey);
    expect(decoded?.compositePublicKey).toEqual(secrets.compositePublicKey);
    expect(decoded?.mlKemPair.encapsulationKey).toEqual(secrets.mlKemPair.encapsulationKey);
  });

  test("are refused when a part is missing, malformed or another worker's", () => {
    for (const value of [null, "text", [], {}, { ...stored, mlKemSeed: undefined }]) {
      expect(decodeWorkerSecrets(primitives, value)).toBeNull();
    }
    for (const key of ["x25519Private", "mlKemSeed", "slhDsaSeed", "compositePublic"] as const) {
      const value = stored[key];
      for (const wrong of [
        value.slice(2),
        `${value}00`,
        value.toUpperCase(),
        "z" + value.slice(1),
      ]) {
        expect(decodeWorkerSecrets(primitives, { ...stored, [key]: wrong })).toBeNull();
      }
    }
    const other = encodeHex(random(64));
    expect(decodeWorkerSecrets(primitives, { ...stored, mlKemSeed: other })).toBeNull();
  });
});

describe("composite key", () => {
  test("splits into parts that join to it again", () => {
    const parts = splitCompositeKey(secrets.compositePublicKey);
    if (!parts) throw new Error("refused");
    const lengths = [parts.x25519.length, parts.mlKem.length, parts.slhDsa.length];
    expect(lengths).toEqual([32, 1568, 64]);
    expect(joinCompositeKey(parts)).toEqual(secrets.compositePublicKey);
  });

  test("has exactly 1664 bytes", () => {
    expect(splitCompositeKey(new Uint8Array(1663))).toBeNull();
    expect(splitCompositeKey(new Uint8Array(1665))).toBeNull();
    const short = {
      x25519: new Uint8Array(31),
      mlKem: new Uint8Array(1568),
      slhDsa: new Uint8Array(64),
    };
    expect(() => joinCompositeKey(short)).toThrow(RangeError);
  });
});
