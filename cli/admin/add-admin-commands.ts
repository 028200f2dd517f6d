import type { Command } from "commander";
import { flagName } from "../config/settings.ts";
import {
  type AdminGroup,
  argumentOf,
  type EveryAdminCommand,
  everyAdminCommand,
  flagsOf,
  isGroup,
} from "./admin-command.ts";

export interface AdminRequest {
  readonly command: "admin";
  /** That name the command, behind `admin`. */
  readonly words: readonly string[];
  readonly run: EveryAdminCommand;
  /** Of a command that takes one, as it was typed. */
  readonly argument?: string;
  readonly given: ReadonlyMap<string, string | true>;
}

const adminSummary = "Administer a hub: users, logins, workers, its database";

/** `groups` are empty where nobody asked for one: they load what a hub's services are. */
export function addAdminCommands(
  program: Command,
  groups: readonly AdminGroup[],
  asked: (request: AdminRequest) => void,
): void {
  const root = { name: "admin", description: adminSummary, commands: groups };
  addEntry(program, root, [], asked);
}

function addEntry(
  parent: Command,
  entry: EveryAdminCommand | AdminGroup,
  before: readonly string[],
  asked: (request: AdminRequest) => void,
): void {
  const command = parent.command(entry.name).description(entry.description).helpCommand(false);
  if (isGroup(entry)) {
    command.usage("<command> [flags]").aliases([...(entry.aliases ?? [])]);
    for (const each of entry.commands) {
      addEntry(command, each, entry.name === "admin" ? [] : [...before, entry.name], asked);
    }
    return;
  }
  command.usage("[flags]");
  for (const { name, placeholder, description } of flagsOf(entry)) {
    command.option(
      placeholder === undefined ? `--${name}` : `--${name} <${placeholder}>`,
      description,
    );
  }
  const ask = (options: Record<string, string | true>, argument?: string): void => {
    const given = new Map(
      Object.entries(options).map(([name, value]) => [flagName(name), value] as const),
    );
    const words = [...before, entry.name];
    asked({
      command: "admin",
      words,
      run: entry,
      given,
      ...(argument !== undefined && { argument }),
    });
  };
  const argument = argumentOf(entry);
  if (argument === null) {
    command.action((options: Record<string, string | true>) => ask(options));
    return;
  }
  command.usage(`${argument.spelt} [flags]`).argument(argument.spelt, argument.description);
  command.action((typed: string | undefined, options: Record<string, string | true>) =>
    ask(options, typed),
  );
}

/** Names of the flags whose value follows as the next token. */
export function adminValueFlags(groups: readonly AdminGroup[]): readonly string[] {
  return [...everyAdminCommand(groups)].flatMap(({ command }) =>
    flagsOf(command).flatMap(({ name, placeholder }) =>
      placeholder === undefined ? [] : [`--${name}`],
    ),
  );
}
