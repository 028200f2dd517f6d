// How the commands of `leapmux admin` are declared. The parser, the help, the completion and
// docs/administration.md are made from the declarations; what a command does is its `run`.
import type { Transport } from "@connectrpc/connect";
import type { WrapSettings } from "../key-wrapping.ts";
import type { Output } from "../output.ts";
import type { AdminResult } from "./admin-result.ts";
import type { AdminFlags } from "./admin-flags.ts";

export interface AdminGroup {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly description: string;
  readonly commands: readonly (EveryAdminCommand | AdminGroup)[];
  readonly isOnFiles?: undefined;
}

export interface AdminCommand {
  readonly name: string;
  readonly description: string;
  readonly flags?: readonly AdminFlag[];
  /** Takes --limit and --cursor. */
  readonly isPaged?: true;
  /** Takes --yes, without which it asks. */
  readonly isDestructive?: true;
  readonly isOnFiles?: undefined;
  /** Seals or opens what the database holds; others never ask for the passphrase of the keys. */
  readonly needsKeys?: true;
  /** May stand behind the words: then it is about this file, and no hub is opened or asked. */
  readonly file?: {
    readonly placeholder: string;
    readonly description: string;
    run(call: AdminAloneCall): Promise<AdminResult>;
  };
  run(call: AdminCall): Promise<AdminResult>;
}

export interface AdminAloneCall {
  /** A path, whole. */
  readonly file: string;
  readonly flags: AdminFlags;
  readonly workingDir: string;
}

/** Works on the files of a data directory of this machine, of which no database is opened for it. */
export interface AdminFileCommand {
  readonly name: string;
  readonly description: string;
  readonly isOnFiles: true;
  readonly isPaged?: undefined;
  /** What stands behind the words. */
  readonly argument?: { readonly placeholder: string; readonly description: string };
  readonly flags?: readonly AdminFlag[];
  readonly isDestructive?: true;
  run(call: AdminFileCall): Promise<AdminResult>;
}

export interface AdminFileCall {
  readonly local: LocalHub;
  /** A path, whole; the working directory for a command that takes none. */
  readonly argument: string;
  readonly flags: AdminFlags;
  confirm(question: string): Promise<void>;
  readonly output: Output;
}

export type EveryAdminCommand = AdminCommand | AdminFileCommand;

export interface AdminFlag {
  readonly name: string;
  /** How help calls the value; a flag without one is a switch. */
  readonly placeholder?: string;
  readonly description: string;
}

/** What a command works with. */
export interface AdminCall {
  /** The services of the hub: over the network, or over its data directory. */
  readonly transport: Transport;
  readonly flags: AdminFlags;
  /** Where people open the hub, for links. */
  readonly hubUrl: string;
  /** Where a relative path that was typed starts. */
  readonly workingDir: string;
  /** For what works on the files of a hub; null over the network. */
  readonly local: LocalHub | null;
  /** Out of --password-file, or typed twice. */
  askPassword(): Promise<string>;
  /** Returns if the answer is yes, or --yes was given. */
  confirm(question: string): Promise<void>;
  readonly output: Output;
}

/** A hub whose data directory is on this machine. */
export interface LocalHub {
  readonly dataDir: string;
  readonly settings: WrapSettings;
  /** Where a relative path that was typed starts. */
  readonly workingDir: string;
}

/** As help spells what stands behind the words of a command. */
export function argumentOf(command: EveryAdminCommand) {
  if (command.isOnFiles === true) {
    if (command.argument === undefined) return null;
    const { placeholder, description } = command.argument;
    return { spelt: `<${placeholder}>`, description };
  }
  if (command.file === undefined) return null;
  const { placeholder, description } = command.file;
  return { spelt: `[${placeholder}]`, description };
}

export function isGroup(entry: EveryAdminCommand | AdminGroup): entry is AdminGroup {
  return "commands" in entry;
}

/** Each command with the words that name it, in the order of the help. */
export function* everyAdminCommand(
  groups: readonly (EveryAdminCommand | AdminGroup)[],
  before: readonly string[] = [],
): Generator<{ readonly words: readonly string[]; readonly command: EveryAdminCommand }> {
  for (const entry of groups) {
    const words = [...before, entry.name];
    if (isGroup(entry)) yield* everyAdminCommand(entry.commands, words);
    else yield { words, command: entry };
  }
}

/** Of every command: which hub, and how the answer is shown. */
export const commonFlags: readonly AdminFlag[] = [
  {
    name: "data-dir",
    placeholder: "DIR",
    description:
      "Work on the data directory of a hub on this machine, which may run or not (built-in: ~/.config/leapmux/hub)",
  },
  {
    name: "config",
    placeholder: "FILE",
    description: "YAML file with the settings of that hub",
  },
  {
    name: "hub",
    placeholder: "URL",
    description:
      "Call this hub instead, with the token of an admin (LEAPMUX_ADMIN_TOKEN, LEAPMUX_ADMIN_TOKEN_FILE or --token-file) or the login of `leapmux login`",
  },
  {
    name: "token-file",
    placeholder: "FILE",
    description: "File with that token",
  },
  {
    name: "allow-http",
    description:
      "Call a hub on another machine without TLS, where everybody on the way can take the token",
  },
  { name: "json", description: "One JSON document instead of words" },
];

const pageFlags: readonly AdminFlag[] = [
  { name: "limit", placeholder: "N", description: "How many at most, 1 to 1000 (built-in: 50)" },
  {
    name: "cursor",
    placeholder: "CURSOR",
    description: "Where to go on, as the command before it said",
  },
];

const yesFlag: AdminFlag = { name: "yes", description: "Do not ask whether it is meant" };

/** Whose data directory it is, and how the answer is shown. */
const fileFlags = ["data-dir", "config", "json"];

export function flagsOf(command: EveryAdminCommand): readonly AdminFlag[] {
  return [
    ...(command.flags ?? []),
    ...(command.isPaged === true ? pageFlags : []),
    ...(command.isDestructive === true ? [yesFlag] : []),
    ...commonFlags.filter(({ name }) => command.isOnFiles !== true || fileFlags.includes(name)),
  ];
}
