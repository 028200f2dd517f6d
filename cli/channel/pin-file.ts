// ~/.config/leapmux/pins.json: which key each worker had when this command line met it (protocol §8), by hub
// and worker. Losing a pin silently would be trusting anybody, so a file that is cut or damaged is an
// error and not an empty one; 0600 and refused when wider, because whoever writes it chooses whom we trust.
import path from "node:path";
import { decodeBase64url, encodeBase64url } from "@leapmux/shared/identity/base64url.ts";
import type { Pin, PinStorage } from "@leapmux/shared/identity/pin-store.ts";
import { compositeKeyBytes } from "@leapmux/shared/limits/limits.ts";
import { z } from "zod";
import { CommandError } from "../command-error.ts";
import { makePrivateFile, parseJson } from "../local/private-file.ts";

/** A pin with the name that the hub gave the worker when it was last used: no proof, but what a person types. */
export interface NamedPin extends Pin {
  readonly hub: string;
  readonly name: string;
}

export interface PinFile {
  readonly path: string;
  list(): readonly NamedPin[];
  /** False where there was none. */
  remove(hub: string, workerId: string): boolean;
  /** Of one hub; what is put bears the name of `nameOf`. */
  storageOf(hub: string, nameOf: (workerId: string) => string): PinStorage;
}

const maxBytes = 8 * 1024 * 1024;
const time = z.int().min(0);
const storedPin = z.looseObject({
  hub: z.string(),
  worker_id: z.string(),
  name: z.string(),
  composite_key: z.string(),
  mode: z.enum(["post-quantum", "classic"]),
  verified: z.boolean(),
  first_seen_at_ms: time,
  last_used_at_ms: time,
});
// What a newer version has added is kept.
const storedFile = z.looseObject({ format: z.literal(1), pins: z.array(storedPin) });
type StoredFile = z.infer<typeof storedFile>;
type StoredPin = z.infer<typeof storedPin>;

export function makePinFile(configHome: string): PinFile {
  const file = makePrivateFile(path.join(configHome, "leapmux", "pins.json"), maxBytes);

  function load(): StoredFile {
    const text = file.read();
    if (text === undefined) return { format: 1, pins: [] };
    const parsed = storedFile.safeParse(parseJson(text));
    if (!parsed.success) throw damaged(file.path);
    return parsed.data;
  }

  function decode(pin: StoredPin): NamedPin {
    const compositeKey = decodeBase64url(pin.composite_key, compositeKeyBytes);
    if (!compositeKey) throw damaged(file.path);
    return {
      hub: pin.hub,
      workerId: pin.worker_id,
      name: pin.name,
      compositeKey,
      mode: pin.mode,
      verified: pin.verified,
      firstSeenAtMs: pin.first_seen_at_ms,
      lastUsedAtMs: pin.last_used_at_ms,
    };
  }

  /** Read and written without a pause between, so two commands hardly ever meet; a pin lost so is asked for again. */
  function change(hub: string, workerId: string, replacement?: StoredPin): boolean {
    const content = load();
    const others = content.pins.filter((pin) => pin.hub !== hub || pin.worker_id !== workerId);
    const isKnown = others.length < content.pins.length;
    const pins = replacement ? [...others, replacement] : others;
    if (isKnown || replacement) file.write(`${JSON.stringify({ ...content, pins }, null, 1)}\n`);
    return isKnown;
  }

  const list = () => load().pins.map(decode);

  return {
    path: file.path,
    list,
    remove: (hub, workerId) => change(hub, workerId),
    storageOf: (hub, nameOf) => ({
      get: async (workerId) =>
        list().find((pin) => pin.hub === hub && pin.workerId === workerId) ?? null,
      async put(pin) {
        change(hub, pin.workerId, {
          hub,
          worker_id: pin.workerId,
          name: nameOf(pin.workerId),
          composite_key: encodeBase64url(pin.compositeKey),
          mode: pin.mode,
          verified: pin.verified,
          first_seen_at_ms: pin.firstSeenAtMs,
          last_used_at_ms: pin.lastUsedAtMs,
        });
      },
      delete: async (workerId) => void change(hub, workerId),
      list: async () => list().filter((pin) => pin.hub === hub),
    }),
  };
}

function damaged(file: string): CommandError {
  return new CommandError(
    "failure",
    `${file} is damaged, so no worker's key can be checked`,
    "Put back a copy of it. Without one, move it out of the way and compare each worker's words anew (`leapmux worker fingerprint` on its machine).",
  );
}
