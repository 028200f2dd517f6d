// ~/.config/leapmux/device-HASH.json: the device key of this command line for one hub (protocol §7), made
// at first use. Whoever reads it can be this device, so it is 0600 and refused when wider. Nothing of its
// content is ever printed, errors included; a damaged one is never replaced silently, because a new key is
// a new device.
import { createHash } from "node:crypto";
import path from "node:path";
import { nativeDevicePrimitives } from "@leapmux/native/native-device-primitives.ts";
import { nodeRandom } from "@leapmux/native/node-platform.ts";
import { decodeBase64url, encodeBase64url } from "@leapmux/shared/identity/base64url.ts";
import {
  type DeviceSigner,
  generateDeviceSecrets,
  makeDeviceSigner,
} from "@leapmux/shared/identity/device-key.ts";
import { z } from "zod";
import { CommandError } from "../command-error.ts";
import { makePrivateFile, parseJson } from "../local/private-file.ts";

const maxBytes = 4096;
const secretBytes = 32;
const storedKey = z.object({
  format: z.literal(1),
  hub: z.string(),
  ed25519_private_key: z.string(),
  ml_dsa_seed: z.string(),
});

/** The device of this command line at a hub. */
export function loadDeviceKey(configHome: string, hub: string): DeviceSigner {
  const file = makePrivateFile(deviceKeyPath(configHome, hub), maxBytes);
  const found = read(file.read());
  if (found) return found;
  const made = generateDeviceSecrets(nodeRandom);
  file.create(
    `${JSON.stringify({
      format: 1,
      hub,
      ed25519_private_key: encodeBase64url(made.ed25519PrivateKey),
      ml_dsa_seed: encodeBase64url(made.mlDsaSeed),
    })}\n`,
  );
  // Another command may have been quicker: what lies there now is the key.
  const kept = read(file.read());
  if (!kept) throw damaged(file.path);
  return kept;

  function read(text: string | undefined): DeviceSigner | undefined {
    if (text === undefined) return undefined;
    const parsed = storedKey.safeParse(parseJson(text));
    if (!parsed.success || parsed.data.hub !== hub) throw damaged(file.path);
    const ed25519PrivateKey = decodeBase64url(parsed.data.ed25519_private_key, secretBytes);
    const mlDsaSeed = decodeBase64url(parsed.data.ml_dsa_seed, secretBytes);
    if (!ed25519PrivateKey || !mlDsaSeed) throw damaged(file.path);
    return makeDeviceSigner(nativeDevicePrimitives, { ed25519PrivateKey, mlDsaSeed });
  }
}

function deviceKeyPath(configHome: string, hub: string): string {
  const name = createHash("sha256").update(hub).digest("hex").slice(0, 16);
  return path.join(configHome, "leapmux", `device-${name}.json`);
}

function damaged(file: string): CommandError {
  return new CommandError(
    "failure",
    `the device key in ${file} is damaged`,
    "Put back a copy of it, or move it out of the way: this command line is then a new device that has to be approved.",
  );
}
