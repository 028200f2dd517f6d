import { compositeKeyBytes, devicePublicKeyBytes, pairingSecretBytes } from "../limits/limits.ts";
import type { Primitives } from "../noise/primitives.ts";
import type { Random } from "../platform/platform.ts";
import { decodeBase64url, encodeBase64url } from "./base64url.ts";
import { joinBytes } from "./device-key.ts";
import { isUserId } from "./sign-claim.ts";

/**
 * Pairing at registration (protocol §7): the registration command carries, behind the hub's key, a secret P
 * that the hub never sees. Under it worker and device each prove their public key to the other.
 */
export interface PairingKey {
  /** What the hub gets. */
  readonly registrationKey: string;
  /** P, 32 bytes; `null` where the command had none: then nobody is paired. */
  readonly secret: Uint8Array | null;
}

export function generatePairingSecret(random: Random): Uint8Array {
  return random(pairingSecretBytes);
}

/** `lmk_XXXX.PPPP`, as it stands in the command. */
export function formatPairingKey(registrationKey: string, secret: Uint8Array): string {
  return `${registrationKey}.${encodeBase64url(secret)}`;
}

/** `null` where something stands behind the dot that is no secret: what was cut off must not pass as none. */
export function parsePairingKey(text: string): PairingKey | null {
  const dot = text.indexOf(".");
  if (dot < 0) return { registrationKey: text, secret: null };
  const secret = decodeBase64url(text.slice(dot + 1), pairingSecretBytes);
  return secret && { registrationKey: text.slice(0, dot), secret };
}

/** mac_w, 64 bytes. */
export function makeWorkerMac(
  primitives: Pick<Primitives, "hmacBlake2b512">,
  secret: Uint8Array,
  worker: { readonly workerId: string; readonly compositeKey: Uint8Array },
): Uint8Array {
  requireParts(secret, worker.workerId, worker.compositeKey);
  return primitives.hmacBlake2b512(
    secret,
    joinBytes(
      ascii("leapmux-pair-v1 worker\0"),
      ascii(`${worker.workerId}\0`),
      worker.compositeKey,
    ),
  );
}

/** mac_d, 64 bytes. */
export function makeDeviceMac(
  primitives: Pick<Primitives, "hmacBlake2b512">,
  secret: Uint8Array,
  device: {
    readonly userId: string;
    readonly devicePublicKey: Uint8Array;
    /** Of the worker that it answers. */
    readonly compositeKey: Uint8Array;
  },
): Uint8Array {
  requireParts(secret, device.userId, device.compositeKey);
  if (device.devicePublicKey.length !== devicePublicKeyBytes) throw new RangeError("no device key");
  return primitives.hmacBlake2b512(
    secret,
    joinBytes(
      ascii("leapmux-pair-v1 device\0"),
      ascii(`${device.userId}\0`),
      device.devicePublicKey,
      device.compositeKey,
    ),
  );
}

/** For the client that shows the command: is this the worker that was given it? False for anything malformed. */
export function checkWorkerMac(
  primitives: Pick<Primitives, "hmacBlake2b512">,
  secret: Uint8Array,
  worker: { readonly workerId: string; readonly compositeKey: Uint8Array },
  mac: Uint8Array,
): boolean {
  if (!isPairable(secret, worker.workerId, worker.compositeKey)) return false;
  return equalInConstantTime(makeWorkerMac(primitives, secret, worker), mac);
}

/** For the worker: does this device know the secret, and mean this account and this worker? */
export function checkDeviceMac(
  primitives: Pick<Primitives, "hmacBlake2b512">,
  secret: Uint8Array,
  device: Parameters<typeof makeDeviceMac>[2],
  mac: Uint8Array,
): boolean {
  if (!isPairable(secret, device.userId, device.compositeKey)) return false;
  if (device.devicePublicKey.length !== devicePublicKeyBytes) return false;
  return equalInConstantTime(makeDeviceMac(primitives, secret, device), mac);
}

function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let index = 0; index < a.length; index++) difference |= (a[index] ?? 0) ^ (b[index] ?? 0);
  return difference === 0;
}

/** Ids hold no NUL, so the parts of a mac's input cannot be shifted against each other. */
function isPairable(secret: Uint8Array, id: string, compositeKey: Uint8Array): boolean {
  return (
    secret.length === pairingSecretBytes &&
    isUserId(id) &&
    compositeKey.length === compositeKeyBytes
  );
}

function requireParts(secret: Uint8Array, id: string, compositeKey: Uint8Array): void {
  if (!isPairable(secret, id, compositeKey)) throw new RangeError("nothing to pair");
}

function ascii(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
