// `leapmux device`: which device this command line is at a hub, and who has approved it. What a worker's own
// console approved, that worker alone knows.
import { nativeDevicePrimitives } from "@leapmux/native/native-device-primitives.ts";
import { nativeScrypt } from "@leapmux/native/native-scrypt.ts";
import { DeviceService } from "@leapmux/proto/hub/v1/device_pb.ts";
import { decodeGrant, verifyGrantSignature } from "@leapmux/shared/devices/grant.ts";
import { decodeRevocation, verifyRevocationSignature } from "@leapmux/shared/devices/revocation.ts";
import { deviceIdOf } from "@leapmux/shared/identity/device-id.ts";
import { deviceFingerprint, formatWords } from "@leapmux/shared/identity/fingerprint.ts";
import { loadDeviceKey } from "./channel/device-key-file.ts";
import { chooseHub } from "./channel/choose-hub.ts";
import { type KnownHub, meetHub, unreachable } from "./channel/meet-hub.ts";
import { CommandError } from "./command-error.ts";
import type { StoredLogins } from "./local/stored-logins.ts";
import type { Output } from "./output.ts";

/** Their signatures are checked: no account has more. */
const mostStatements = 256;

export async function runDevice(options: {
  readonly hub: string | undefined;
  readonly json: boolean;
  readonly configHome: string;
  readonly logins: StoredLogins;
  readonly output: Output;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { json, logins, output, signal } = options;
  const hub = chooseHub(options.hub, logins);
  const known = await meetHub(hub, logins, signal);
  if (known.isSolo) {
    const next =
      "Workers of a hub with logins trust devices; here the machine itself is the boundary.";
    throw new CommandError("failure", `${hub} is in solo mode, which knows no devices`, next);
  }
  const { publicKey } = loadDeviceKey(options.configHome, hub);
  const deviceId = deviceIdOf(publicKey);
  const words = formatWords((await deviceFingerprint(publicKey, nativeScrypt)).words);
  const { approvals, revokedBy } = await readStanding(known, deviceId, signal);
  const state =
    revokedBy.length > 0 ? "revoked" : approvals.length > 0 ? "approved" : "not approved";
  if (json) {
    output.print(
      JSON.stringify({ hub, device_id: deviceId, words, state, approvals, revoked_by: revokedBy }),
    );
    return 0;
  }
  output.print(`Device: ${deviceId}`);
  output.print(`Words:  ${words}`);
  for (const issuer of revokedBy) output.print(`Revoked by ${issuer}.`);
  for (const { by, until } of approvals)
    output.print(`Approved by ${by} until ${until.slice(0, 10)}.`);
  if (state === "not approved") {
    output.print(
      "No other device has approved it. `leapmux shell` asks them, or on a worker's machine:",
    );
    output.print(`  leapmux worker devices approve ${words}`);
  }
  return 0;
}

/** By grants and revocations whose signatures are good. Whether a worker trusts their issuers is for it to say. */
async function readStanding(known: KnownHub, deviceId: string, signal: AbortSignal) {
  const [granted, revoked] = await Promise.all([
    known.callHub(DeviceService.method.listGrants, {}, { signal }),
    known.callHub(DeviceService.method.listRevocations, {}, { signal }),
  ]);
  signal.throwIfAborted();
  if (!granted.ok) throw unreachable(known.hub, granted.code);
  if (!revoked.ok) throw unreachable(known.hub, revoked.code);
  const nowMs = Date.now();
  const approvals = granted.response.grants.slice(0, mostStatements).flatMap(({ signedGrant }) => {
    const grant = decodeGrant(signedGrant);
    if (!grant || deviceIdOf(grant.subject) !== deviceId) return [];
    if (nowMs < grant.notBeforeMs || nowMs >= grant.notAfterMs) return [];
    if (!verifyGrantSignature(nativeDevicePrimitives, grant)) return [];
    return [{ by: deviceIdOf(grant.issuer), until: new Date(grant.notAfterMs).toISOString() }];
  });
  const revokedBy = revoked.response.signedRevocations
    .slice(0, mostStatements)
    .flatMap((signed) => {
      const revocation = decodeRevocation(signed);
      if (!revocation || deviceIdOf(revocation.device) !== deviceId) return [];
      if (!verifyRevocationSignature(nativeDevicePrimitives, revocation)) return [];
      return [deviceIdOf(revocation.issuer)];
    });
  return { approvals, revokedBy };
}
