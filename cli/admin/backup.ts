// `leapmux admin backup`: on the data directory of this machine alone, because no hub is to hand its keys out
// over the network. `create` beside a hub that runs, `restore` only where none does.
import { BackupError } from "@leapmux/hub/backup/backup-manifest.ts";
import { createBackup } from "@leapmux/hub/backup/create-backup.ts";
import { endRestoredLogins } from "@leapmux/hub/backup/end-restored-logins.ts";
import { restoreBackup } from "@leapmux/hub/backup/restore-backup.ts";
import { verifyBackup, type Unlocking } from "@leapmux/hub/backup/verify-backup.ts";
import path from "node:path";
import { CommandError } from "../command-error.ts";
import { readSecretFile } from "../config/read-secret-file.ts";
import { takeDataDir } from "../data-dir.ts";
import { keyWrapping } from "../key-wrapping.ts";
import { lostKeys } from "../start-hub.ts";
import { readVersion } from "../version.ts";
import type { AdminFileCall, AdminFileCommand, AdminFlag, AdminGroup } from "./admin-command.ts";
import { done } from "./admin-result.ts";
import { askPassphrase } from "./open-admin-target.ts";

const passphraseFile: AdminFlag = {
  name: "passphrase-file",
  placeholder: "FILE",
  description: "The passphrase under which the keys of the backup were wrapped",
};

const another =
  "Nothing was changed. Use another backup; `leapmux admin backup verify DIR` says whether one is whole.";
const wallMs = () => Date.now();

const create: AdminFileCommand = {
  name: "create",
  description: "Copy the database and the keys of a hub, which may run, into a new directory",
  isOnFiles: true,
  argument: { placeholder: "DIR", description: "directory that does not exist or is empty" },
  flags: [
    {
      name: "wrap",
      placeholder: "FILE",
      description: "Put all keys under the passphrase in this file",
    },
  ],
  async run(call) {
    const { local, flags, argument: target, output } = call;
    const wrap = flags.text("wrap");
    const passphrase = wrap === undefined ? null : readPassphrase(call, wrap, "--wrap");
    output.progress(`Copying ${local.dataDir} …`);
    const { wrapping } = unlockingOf(call);
    const manifest = await tell(
      call,
      "Look what is wrong with the hub: leapmux doctor hub",
      createBackup({
        ...{ dataDir: local.dataDir, target, version: readVersion(), wrapping, passphrase, wallMs },
      }),
    );
    const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
    const isWrapped = passphrase !== null;
    return done(
      [
        `The backup is whole, and its keys open what they sealed: ${target} (${bytes} bytes).`,
        isWrapped
          ? "Next: keep the passphrase elsewhere; without it the backup is worth nothing."
          : "Next: keep it where nobody else reads it; it holds everything that the hub has.",
      ],
      { directory: target, made_at: manifest.made_at, bytes, wrapped: isWrapped },
    );
  },
};

const verify: AdminFileCommand = {
  name: "verify",
  description: "Whether a backup is whole, unaltered, and its keys open what they sealed",
  isOnFiles: true,
  argument: { placeholder: "DIR", description: "directory of the backup" },
  flags: [passphraseFile],
  async run(call) {
    const { argument: directory, output } = call;
    output.progress(`Checking ${directory} …`);
    const { manifest } = await tell(call, another, verifyBackup(directory, unlockingOf(call)));
    return done(
      `The backup of ${manifest.made_at} is whole (LeapMux ${manifest.version}, ${manifest.schema}).`,
      {
        ...{ directory, made_at: manifest.made_at, version: manifest.version },
        schema: manifest.schema,
      },
    );
  },
};

const restore: AdminFileCommand = {
  name: "restore",
  description: "Put a backup in the place of what a hub has; that is moved aside, not deleted",
  isOnFiles: true,
  isDestructive: true,
  argument: { placeholder: "DIR", description: "directory of the backup" },
  flags: [
    passphraseFile,
    {
      name: "keep-logins",
      description:
        "Keep logins, tokens and one-time links, those too that were ended or used since the backup",
    },
  ],
  async run(call) {
    const { local, flags, argument: from, output } = call;
    const { dataDir } = local;
    output.progress(`Checking ${from} …`);
    const unlocking = unlockingOf(call);
    const { manifest } = await tell(call, another, verifyBackup(from, unlocking));
    output.progress("");
    await call.confirm(
      `${dataDir} becomes what it was at ${manifest.made_at}; what is there now is moved aside.`,
    );
    const held = takeDataDir(dataDir, { groupMayList: true });
    try {
      output.progress(`Restoring into ${dataDir} …`);
      let ended = { logins: 0, apiTokens: 0, oneTimeLinks: 0 };
      const { aside } = await tell(
        call,
        another,
        restoreBackup({
          ...{ from, dataDir, unlocking, wallMs },
          settle(directory) {
            if (!flags.has("keep-logins")) ended = endRestoredLogins(directory);
            return Promise.resolve();
          },
        }),
      );
      const { logins, apiTokens, oneTimeLinks } = ended;
      return done(
        [
          `${dataDir} is as it was at ${manifest.made_at}.`,
          ...(aside === null ? [] : [`What was there before is in ${aside}.`]),
          flags.has("keep-logins")
            ? "Logins and tokens are kept, those too that were ended since: end them by hand."
            : `Ended: ${logins} logins, ${apiTokens} API tokens, ${oneTimeLinks} one-time links.`,
          "Next: start the hub. Workers link again by themselves; those registered since the backup have to be registered again.",
        ],
        {
          ...{ data_dir: dataDir, made_at: manifest.made_at, aside },
          ended: { logins, api_tokens: apiTokens, one_time_links: oneTimeLinks },
        },
      );
    } finally {
      held.release();
    }
  },
};

export const backupGroup: AdminGroup = {
  name: "backup",
  description: "Copies of everything that a hub has, made while it runs",
  commands: [create, verify, restore],
};

function unlockingOf(call: AdminFileCall): Unlocking {
  const file = call.flags.text("passphrase-file");
  return {
    wrapping: keyWrapping(call.local.settings, askPassphrase),
    passphrase: file === undefined ? null : readPassphrase(call, file, "--passphrase-file"),
  };
}

function readPassphrase({ local }: AdminFileCall, file: string, flag: string): string {
  return readSecretFile(path.resolve(local.workingDir, file), flag);
}

/** What the hub's own code refuses says what is wrong and what to do. */
async function tell<Answer>(
  { output }: AdminFileCall,
  next: string,
  asked: Promise<Answer>,
): Promise<Answer> {
  try {
    return await asked;
  } catch (error) {
    const isTold = error instanceof Error && lostKeys.has(error.name);
    if (!(error instanceof BackupError) && !isTold) throw error;
    throw new CommandError("failure", error.message, next, error);
  } finally {
    output.progress("");
  }
}
