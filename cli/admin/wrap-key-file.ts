// What `encryption-key wrap`, `unwrap` and `rewrap` do: on the file of this machine alone, because no hub is to
// be told a wrapping key over the network.
import { randomBytes } from "node:crypto";
import path from "node:path";
import { makeRingFile } from "@leapmux/hub/keystore/ring-file.ts";
import type { Wrapping } from "@leapmux/hub/keystore/wrapping-key.ts";
import { passphraseAsker } from "../ask-passphrase.ts";
import { CommandError } from "../command-error.ts";
import { readSecretFile } from "../config/read-secret-file.ts";
import { commandLine } from "../config/value-types.ts";
import { keyWrapping } from "../key-wrapping.ts";
import { lostKeys } from "../start-hub.ts";
import type { AdminCall, AdminFlag, LocalHub } from "./admin-command.ts";
import { type AdminResult, done } from "./admin-result.ts";

/** What `rewrap` goes over to; none of them: the same as before, made anew. */
export const wrapTargets: readonly AdminFlag[] = [
  { name: "to-file", placeholder: "FILE", description: "From now on the key in this file" },
  { name: "to-command", placeholder: "COMMAND", description: "From now on the key that it prints" },
  {
    name: "to-passphrase-file",
    placeholder: "FILE",
    description: "From now on the passphrase in this file",
  },
];

export async function wrapKeyFile(call: AdminCall): Promise<AdminResult> {
  const local = localOf(call);
  const file = ringFileOf(local, { kind: "none" });
  if (file.wrapped() !== "none") {
    throw new CommandError("failure", "the key file is wrapped already", "Use rewrap instead.");
  }
  const to = keyWrapping(local.settings, askNew());
  if (to.kind === "none") {
    throw new CommandError(
      "usage",
      "the settings say encryption-key-wrap none",
      "Set LEAPMUX_HUB_ENCRYPTION_KEY_WRAP and what goes with it, for this command and for the hub.",
    );
  }
  await rewrap(file.rewrap(to));
  return done(
    [
      `The key file is wrapped (${to.kind}).`,
      "Next: start the hub again with the same settings, and make a backup; older backups hold the keys in clear.",
    ],
    { wrapped: to.kind },
  );
}

export async function unwrapKeyFile(call: AdminCall): Promise<AdminResult> {
  const local = localOf(call);
  requireWrapped(local);
  const from = keyWrapping(local.settings, askOld());
  await call.confirm("The keys will lie on the disk in clear.");
  await rewrap(ringFileOf(local, from).rewrap({ kind: "none" }));
  return done(
    [
      "The key file is in clear.",
      "Next: take encryption-key-wrap out of the settings and start the hub again.",
    ],
    { wrapped: "none" },
  );
}

export async function rewrapKeyFile(call: AdminCall): Promise<AdminResult> {
  const local = localOf(call);
  requireWrapped(local);
  const from = keyWrapping(local.settings, askOld());
  const to = targetOf(call, local) ?? from;
  await rewrap(ringFileOf(local, from).rewrap(to));
  const next =
    to === from ? [] : ["Next: put the same into the settings of the hub, and start it again."];
  return done([`The key file is wrapped anew (${to.kind}).`, ...next], { wrapped: to.kind });
}

function localOf({ local }: AdminCall): LocalHub {
  if (local !== null) return local;
  throw new CommandError(
    "usage",
    "this works on the key file of this machine: leave out --hub",
    "Run it where the hub runs, with --data-dir.",
  );
}

function requireWrapped(local: LocalHub): void {
  if (ringFileOf(local, { kind: "none" }).wrapped() !== "none") return;
  throw new CommandError("failure", "the key file is not wrapped", "Use wrap instead.");
}

function ringFileOf({ dataDir: directory }: LocalHub, wrapping: Wrapping) {
  return makeRingFile({
    directory,
    wrapping,
    random: (length) => new Uint8Array(randomBytes(length)),
    wallMs: () => Date.now(),
  });
}

async function rewrap(rewrapping: Promise<void>): Promise<void> {
  try {
    await rewrapping;
  } catch (error) {
    if (!(error instanceof Error && lostKeys.has(error.name))) throw error;
    throw new CommandError("failure", error.message, undefined, error);
  }
}

function targetOf({ flags }: AdminCall, { workingDir }: LocalHub): Wrapping | null {
  const given = wrapTargets.map(({ name }) => name).filter((name) => flags.has(name));
  if (given.length > 1) {
    throw new CommandError("usage", `--${given.join(" and --")} are given: at most one`);
  }
  const [name] = given;
  if (name === undefined) return null;
  const text = flags.required(name);
  if (name === "to-file") return { kind: "file", path: path.resolve(workingDir, text) };
  if (name === "to-passphrase-file") {
    const passphrase = readSecretFile(path.resolve(workingDir, text), `--${name}`);
    return { kind: "passphrase", passphrase };
  }
  const command = commandLine.safeParse(text);
  if (command.success) return { kind: "command", command: command.data };
  throw new CommandError("usage", `--${name} ${command.error.issues[0]?.message ?? ""}`);
}

function askOld(): (() => Promise<string>) | null {
  const ask = passphraseAsker();
  return ask === null ? null : () => ask("Passphrase of encryption.key");
}

function askNew(): (() => Promise<string>) | null {
  const ask = passphraseAsker();
  if (ask === null) return null;
  return async () => {
    const first = await ask("New passphrase of encryption.key");
    if (first === (await ask("The same again"))) return first;
    throw new CommandError("failure", "the two passphrases are not the same");
  };
}
