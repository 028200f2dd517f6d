import { ed25519 } from "@noble/curves/ed25519.js";
import { ml_dsa65 } from "@noble/post-quantum/ml-dsa.js";
import {
  ed25519PublicKeyBytes,
  ed25519SignatureBytes,
  mlDsaPublicKeyBytes,
  mlDsaSignatureBytes,
} from "../limits/limits.ts";
import type { Random } from "../platform/platform.ts";
import type { DeviceKeyPrimitives, MlDsaKeyPair } from "./device-key.ts";

/**
 * Device signatures in plain JavaScript, a few milliseconds each. Without `random` ML-DSA signs
 * deterministically (FIPS 204 §3.4), as the vectors want it.
 */
export function makeNobleDevicePrimitives(random?: Random): DeviceKeyPrimitives {
  return {
    ed25519PublicKey: (privateKey) => ed25519.getPublicKey(privateKey),
    ed25519Sign: (privateKey, message) => ed25519.sign(message, privateKey),
    ed25519Verify(publicKey, message, signature) {
      if (publicKey.length !== ed25519PublicKeyBytes) return false;
      if (signature.length !== ed25519SignatureBytes) return false;
      try {
        // noble's own default takes encodings that RFC 8032 refuses.
        return ed25519.verify(signature, message, publicKey, { zip215: false });
      } catch {
        return false;
      }
    },
    mlDsaKeyPair(seed) {
      const { publicKey, secretKey } = ml_dsa65.keygen(seed);
      return new NobleMlDsaKeyPair(publicKey, secretKey);
    },
    mlDsaSign(pair, message) {
      if (!(pair instanceof NobleMlDsaKeyPair)) throw new TypeError("key pair of another kind");
      return ml_dsa65.sign(message, pair.secret, { extraEntropy: random ? random(32) : false });
    },
    mlDsaVerify(publicKey, message, signature) {
      if (publicKey.length !== mlDsaPublicKeyBytes) return false;
      if (signature.length !== mlDsaSignatureBytes) return false;
      try {
        return ml_dsa65.verify(signature, message, publicKey);
      } catch {
        return false;
      }
    },
  };
}

class NobleMlDsaKeyPair implements MlDsaKeyPair {
  readonly publicKey: Uint8Array;
  readonly secret: Uint8Array;

  constructor(publicKey: Uint8Array, secret: Uint8Array) {
    this.publicKey = publicKey;
    this.secret = secret;
  }
}
