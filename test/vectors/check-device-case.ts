import { nativeDevicePrimitives } from "@leapmux/native/native-device-primitives.ts";
import { nativePrimitives } from "@leapmux/native/native-primitives.ts";
import { decodeGrant, signGrant, verifyGrantSignature } from "@leapmux/shared/devices/grant.ts";
import {
  decodeRevocation,
  signRevocation,
  verifyRevocationSignature,
} from "@leapmux/shared/devices/revocation.ts";
import { type DeviceScope, makeWorkspaceScope } from "@leapmux/shared/devices/scope.ts";
import { deviceIdOf } from "@leapmux/shared/identity/device-id.ts";
import { type DeviceSigner, makeDeviceSigner } from "@leapmux/shared/identity/device-key.ts";
import { makeNobleDevicePrimitives } from "@leapmux/shared/identity/noble-device-primitives.ts";
import {
  checkDeviceMac,
  checkWorkerMac,
  formatPairingKey,
  makeDeviceMac,
  makeWorkerMac,
  parsePairingKey,
} from "@leapmux/shared/identity/pairing.ts";
import { signClaim, verifyClaimSignature } from "@leapmux/shared/identity/sign-claim.ts";
import { noblePrimitives } from "@leapmux/shared/noise/noble-primitives.ts";
import { type DeviceKeys, type DeviceVector, readDeviceVector } from "./device-vector.ts";
import { type Failures, makeFailures } from "./failures.ts";

/** noble signs without randomness, so that there is one right signature. */
const deterministic = makeNobleDevicePrimitives();

/** Runs a case through the production code: signed anew it is the same, and both sets of primitives verify it. */
export async function checkDeviceCase(value: unknown): Promise<readonly string[]> {
  const vector = readDeviceVector(value);
  const failures = makeFailures();
  const issuer = checkKeys("issuer", vector.issuer, failures);
  const subject = checkKeys("subject", vector.subject, failures);
  await checkSigned(vector, issuer, subject, failures);
  checkVerified(vector, failures);
  checkPairing(vector, failures);
  return failures.lines;
}

function checkKeys(field: string, keys: DeviceKeys, failures: Failures): DeviceSigner {
  const secrets = { ed25519PrivateKey: keys.ed25519Private, mlDsaSeed: keys.mlDsaSeed };
  for (const primitives of [deterministic, nativeDevicePrimitives]) {
    const { publicKey } = makeDeviceSigner(primitives, secrets);
    failures.expectEqual(`${field}.public_key`, publicKey, keys.publicKey);
  }
  if (deviceIdOf(keys.publicKey) !== keys.deviceId) failures.add(`${field}.device_id`, "differs");
  return makeDeviceSigner(deterministic, secrets);
}

async function checkSigned(
  vector: DeviceVector,
  issuer: DeviceSigner,
  subject: DeviceSigner,
  failures: Failures,
): Promise<void> {
  const { userId, grant, revocation } = vector;
  const claim = await signClaim(subject, vector.binding, userId);
  failures.expectEqual("claim.signature", claim, vector.claimSignature);
  const scope = readScope(vector);
  if (!scope) return failures.add("grant.workspace_ids", "no scope");
  const signedGrant = await signGrant(issuer, () => grant.serial, {
    subject: subject.publicKey,
    userId,
    scope,
    notBeforeMs: Number(grant.notBeforeMs),
    notAfterMs: Number(grant.notAfterMs),
  });
  failures.expectEqual("grant.signed", signedGrant, grant.signed);
  const signedRevocation = await signRevocation(issuer, {
    device: subject.publicKey,
    userId,
    revokedAtMs: Number(revocation.revokedAtMs),
  });
  failures.expectEqual("revocation.signed", signedRevocation, revocation.signed);
}

function checkVerified(vector: DeviceVector, failures: Failures): void {
  const { userId, subject, binding, claimSignature: signature } = vector;
  const grant = decodeGrant(vector.grant.signed);
  const revocation = decodeRevocation(vector.revocation.signed);
  for (const primitives of [deterministic, nativeDevicePrimitives]) {
    const claim = { devicePublicKey: subject.publicKey, signature, binding, userId };
    if (!verifyClaimSignature(primitives, claim)) failures.add("claim.signature", "refused");
    if (!grant || !verifyGrantSignature(primitives, grant)) failures.add("grant.signed", "refused");
    if (!revocation || !verifyRevocationSignature(primitives, revocation)) {
      failures.add("revocation.signed", "refused");
    }
  }
}

function checkPairing({ userId, issuer, pairing }: DeviceVector, failures: Failures): void {
  const { secret, workerId, compositeKey } = pairing;
  const device = { userId, devicePublicKey: issuer.publicKey, compositeKey };
  for (const primitives of [noblePrimitives, nativePrimitives]) {
    const workerMac = makeWorkerMac(primitives, secret, { workerId, compositeKey });
    failures.expectEqual("pairing.worker_mac", workerMac, pairing.workerMac);
    failures.expectEqual(
      "pairing.device_mac",
      makeDeviceMac(primitives, secret, device),
      pairing.deviceMac,
    );
    if (!checkWorkerMac(primitives, secret, { workerId, compositeKey }, pairing.workerMac)) {
      failures.add("pairing.worker_mac", "refused");
    }
    if (!checkDeviceMac(primitives, secret, device, pairing.deviceMac)) {
      failures.add("pairing.device_mac", "refused");
    }
  }
  if (formatPairingKey(pairing.registrationKey, secret) !== pairing.key) {
    failures.add("pairing.key", "differs");
  }
  failures.expectEqual("pairing.secret", parsePairingKey(pairing.key)?.secret ?? null, secret);
}

function readScope({ grant }: DeviceVector): DeviceScope | null {
  if (grant.scope === "full") return { kind: "full" };
  return makeWorkspaceScope(grant.workspaceIds, grant.scope);
}
