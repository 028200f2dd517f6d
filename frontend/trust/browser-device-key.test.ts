import { type DeviceSigner, verifyDeviceSignature } from "@leapmux/shared/identity/device-key.ts";
import { makeNobleDevicePrimitives } from "@leapmux/shared/identity/noble-device-primitives.ts";
import { describe, expect, it } from "vitest";
import { browserRandom as random } from "../link/browser-platform.ts";
import { loadBrowserDeviceKey } from "./browser-device-key.ts";
import type { DeviceKeyStorage } from "./stored-device-key.ts";

const primitives = makeNobleDevicePrimitives(random);
const message = new TextEncoder().encode("what is signed");

function makeStorage(): DeviceKeyStorage & { stored: unknown } {
  return {
    stored: undefined,
    async get() {
      return structuredClone(this.stored);
    },
    async addIfAbsent(made) {
      this.stored ??= structuredClone(made);
      return structuredClone(this.stored);
    },
    async delete() {
      this.stored = undefined;
    },
  };
}

/** A browser from before Ed25519 came to WebCrypto. */
const oldSubtle = {
  generateKey(algorithm: AlgorithmIdentifier, extractable: boolean, usages: KeyUsage[]) {
    if (algorithm === "Ed25519") return Promise.reject(new DOMException("", "NotSupportedError"));
    return crypto.subtle.generateKey(algorithm, extractable, usages);
  },
  encrypt: crypto.subtle.encrypt.bind(crypto.subtle),
  decrypt: crypto.subtle.decrypt.bind(crypto.subtle),
} as unknown as SubtleCrypto;

const load = (storage: DeviceKeyStorage, subtle: SubtleCrypto = crypto.subtle) =>
  loadBrowserDeviceKey({ storage, primitives, random, subtle });

async function expectSigns(signer: DeviceSigner): Promise<void> {
  const signature = await signer.sign(message);
  expect(verifyDeviceSignature(primitives, signer.publicKey, message, signature)).toBe(true);
}

describe.each([
  ["that knows Ed25519", crypto.subtle],
  ["that does not", oldSubtle],
])("the device key of a browser %s", (_name, subtle) => {
  it("is made once and signs with both halves", async () => {
    const storage = makeStorage();
    const first = await load(storage, subtle);
    await expectSigns(first);
    const again = await load(storage, subtle);
    await expectSigns(again);
    expect(again.publicKey).toEqual(first.publicKey);
  });

  it("keeps nothing that could be taken away", async () => {
    const storage = makeStorage();
    await load(storage, subtle);
    const { wrappingKey, ed25519 } = storage.stored as Record<string, CryptoKey>;
    await expect(crypto.subtle.exportKey("raw", wrappingKey!)).rejects.toThrow();
    if (ed25519 instanceof CryptoKey) {
      await expect(crypto.subtle.exportKey("pkcs8", ed25519)).rejects.toThrow();
    }
  });

  it("is one key for pages that race", async () => {
    const storage = makeStorage();
    const [a, b] = await Promise.all([load(storage, subtle), load(storage, subtle)]);
    expect(a.publicKey).toEqual(b.publicKey);
    await expectSigns(a);
    await expectSigns(b);
  });
});

describe("a device key that cannot be used", () => {
  const damages: [string, (key: Record<string, unknown>) => unknown][] = [
    ["is nothing of ours", () => "key"],
    ["is of a later version", (key) => ({ ...key, version: 2 })],
    ["lost a part", ({ mlDsa: _lost, ...key }) => key],
    ["has a public key of the wrong length", (key) => ({ ...key, publicKey: new Uint8Array(32) })],
    [
      "has a public key that is not its own",
      (key) => ({ ...key, publicKey: new Uint8Array(1984).fill(7) }),
    ],
    [
      "was altered",
      ({ mlDsa, ...key }) => {
        const { nonce, sealed } = mlDsa as { nonce: Uint8Array; sealed: Uint8Array };
        return { ...key, mlDsa: { nonce, sealed: sealed.with(0, sealed[0]! ^ 1) } };
      },
    ],
  ];

  it.each(damages)("because it %s is an error and stays what it is", async (_name, damage) => {
    const storage = makeStorage();
    await load(storage);
    storage.stored = damage(storage.stored as Record<string, unknown>);
    const before = structuredClone(storage.stored);
    await expect(load(storage)).rejects.toMatchObject({ trouble: "key_damaged" });
    expect(storage.stored).toEqual(before);
  });

  it("does not open with one half in the other's place", async () => {
    const storage = makeStorage();
    await load(storage, oldSubtle);
    const key = storage.stored as { ed25519: unknown; mlDsa: unknown };
    storage.stored = { ...key, ed25519: key.mlDsa, mlDsa: key.ed25519 };
    await expect(load(storage, oldSubtle)).rejects.toMatchObject({ trouble: "key_damaged" });
  });

  it("is told from a page without https", async () => {
    const parts = { storage: makeStorage(), primitives, random, subtle: undefined };
    await expect(loadBrowserDeviceKey(parts)).rejects.toMatchObject({ trouble: "insecure_page" });
  });

  it("is told from a browser that keeps nothing", async () => {
    const storage = makeStorage();
    storage.get = () => Promise.reject(new DOMException("", "InvalidStateError"));
    await expect(load(storage)).rejects.toMatchObject({ trouble: "storage_refused" });
  });
});
