// How the settings say that the file of the keys is wrapped: each kind needs one thing and no other.
import type { Wrapping } from "@leapmux/hub/keystore/wrapping-key.ts";
import { CommandError } from "./command-error.ts";

export interface WrapSettings {
  encryptionKeyWrap: "none" | "file" | "passphrase" | "command";
  encryptionKeyWrapFile?: string | undefined;
  encryptionKeyWrapCommand?: readonly string[] | undefined;
  encryptionKeyPassphrase?: string | undefined;
}

/** `askPassphrase`: where a person sits at a terminal; null where none does. Called when it is needed. */
export function keyWrapping(
  settings: WrapSettings,
  askPassphrase: (() => Promise<string>) | null = null,
): Wrapping {
  const { encryptionKeyWrap: kind, encryptionKeyWrapFile: path } = settings;
  const { encryptionKeyWrapCommand: command, encryptionKeyPassphrase: given } = settings;
  refuseIdle(kind === "file", path, "encryption-key-wrap-file", kind);
  refuseIdle(kind === "command", command, "encryption-key-wrap-command", kind);
  refuseIdle(kind === "passphrase", given, "encryption-key-passphrase", kind);
  switch (kind) {
    case "none":
      return { kind };
    case "file":
      if (path === undefined) throw missing(kind, "encryption-key-wrap-file");
      return { kind, path };
    case "command":
      if (command === undefined) throw missing(kind, "encryption-key-wrap-command");
      return { kind, command };
    case "passphrase": {
      const passphrase = given ?? askPassphrase;
      if (passphrase === null) {
        throw missing(kind, "encryption-key-passphrase-file, as there is no terminal to ask at,");
      }
      return { kind, passphrase };
    }
  }
}

function missing(kind: string, name: string): CommandError {
  return new CommandError("usage", `encryption-key-wrap ${kind} needs ${name} besides`);
}

/** What has no effect is a mistake that somebody would rely on. */
function refuseIdle(isUsed: boolean, value: unknown, name: string, kind: string): void {
  if (isUsed || value === undefined) return;
  throw new CommandError("usage", `${name} means nothing with encryption-key-wrap ${kind}`);
}
