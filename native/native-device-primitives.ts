import * as crypto from "node:crypto";
import type { DeviceKeyPrimitives, MlDsaKeyPair } from "@leapmux/shared/identity/device-key.ts";
import {
  ed25519PublicKeyBytes,
  ed25519SignatureBytes,
  mlDsaPublicKeyBytes,
  mlDsaSignatureBytes,
} from "@leapmux/shared/limits/limits.ts";
import { plainBytes } from "./plain-bytes.ts";

/**
 * Device signatures over OpenSSL, under a millisecond each, held against noble's by the tests beside this file.
 * OpenSSL takes Ed25519 keys of low order, under which one signature fits many messages; they are refused here
 * as noble refuses them.
 */
export const nativeDevicePrimitives: DeviceKeyPrimitives = {
  ed25519PublicKey: (privateKey) =>
    exportPublic(importPrivate("ed25519", "raw-private", privateKey)),

  ed25519Sign: (privateKey, message) =>
    plainBytes(crypto.sign(null, message, importPrivate("ed25519", "raw-private", privateKey))),

  ed25519Verify(publicKey, message, signature) {
    if (publicKey.length !== ed25519PublicKeyBytes) return false;
    if (signature.length !== ed25519SignatureBytes) return false;
    if (!isCanonical(publicKey) || isLowOrder(publicKey)) return false;
    return verify("ed25519", publicKey, message, signature);
  },

  mlDsaKeyPair(seed) {
    const secret = importPrivate("ml-dsa-65", "raw-seed", seed);
    return new NativeMlDsaKeyPair(exportPublic(secret), secret);
  },

  mlDsaSign(pair, message) {
    if (!(pair instanceof NativeMlDsaKeyPair)) throw new TypeError("key pair of another kind");
    return plainBytes(crypto.sign(null, message, pair.secret));
  },

  mlDsaVerify(publicKey, message, signature) {
    if (publicKey.length !== mlDsaPublicKeyBytes) return false;
    if (signature.length !== mlDsaSignatureBytes) return false;
    return verify("ml-dsa-65", publicKey, message, signature);
  },
};

class NativeMlDsaKeyPair implements MlDsaKeyPair {
  readonly publicKey: Uint8Array;
  readonly secret: crypto.KeyObject;

  constructor(publicKey: Uint8Array, secret: crypto.KeyObject) {
    this.publicKey = publicKey;
    this.secret = secret;
  }
}

type Scheme = "ed25519" | "ml-dsa-65";

function verify(
  scheme: Scheme,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    const key = crypto.createPublicKey({
      key: Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.length),
      format: "raw-public",
      asymmetricKeyType: scheme,
    });
    return crypto.verify(null, message, key, signature);
  } catch {
    return false;
  }
}

function importPrivate(
  scheme: Scheme,
  format: "raw-private" | "raw-seed",
  key: Uint8Array,
): crypto.KeyObject {
  return crypto.createPrivateKey({
    key: Buffer.from(key.buffer, key.byteOffset, key.length),
    format,
    asymmetricKeyType: scheme,
  });
}

function exportPublic(privateKey: crypto.KeyObject): Uint8Array {
  return plainBytes(crypto.createPublicKey(privateKey).export({ format: "raw-public" }));
}

/** The y coordinates of the points of order 1, 2, 4 and 8, little-endian; the sign bit may be either. */
const lowOrder: ReadonlySet<string> = new Set([
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]);

function isLowOrder(publicKey: Uint8Array): boolean {
  const withoutSign = publicKey.with(31, (publicKey[31] ?? 0) & 0x7f);
  return lowOrder.has(Buffer.from(withoutSign).toString("hex"));
}

/** y below 2^255 − 19 (RFC 8032 §5.1.3). */
function isCanonical(publicKey: Uint8Array): boolean {
  if (((publicKey[31] ?? 0) & 0x7f) !== 0x7f) return true;
  return publicKey.subarray(1, 31).some((byte) => byte !== 0xff) || (publicKey[0] ?? 0) < 0xed;
}
