// The command tree as the parser sees it. Flags come from the settings tables; what a command does
// is in the file that bears its name and is loaded only when it runs.
import { Command, Option } from "commander";
import {
  addAdminCommands,
  adminValueFlags,
  type AdminRequest,
} from "./admin/add-admin-commands.ts";
import type { AdminGroup } from "./admin/admin-command.ts";
import {
  type CommandSettings,
  everyCommand,
  flagName,
  variableName,
  workerSettings,
} from "./config/settings.ts";
import {
  addClientCommands,
  type ClientCommandRequest,
  clientValueFlags,
} from "./client-commands.ts";
import { addDoctorCommand, doctorValueFlags } from "./doctor/add-doctor-command.ts";
import type { DoctorRequest } from "./doctor/run-doctor.ts";
import { addHubCommands, type HubCommandRequest } from "./hub-commands.ts";

/** What was asked for, once the command line has been found to be right. */
export type Request =
  | { command: "solo" | "hub" | "worker" | "dev"; typed: ReadonlyMap<string, string> }
  | { command: "fingerprint" | "evidence"; typed: ReadonlyMap<string, string> }
  | {
      command: "devices";
      request: { action: "list" } | { action: "approve" | "revoke"; named: string };
      typed: ReadonlyMap<string, string>;
    }
  | HubCommandRequest
  | ClientCommandRequest
  | DoctorRequest
  | AdminRequest
  | { command: "version" }
  | { command: "completion"; shell: string };

const summaries = {
  solo: "Hub and worker in one process, for you alone, on this machine",
  hub: "The relay alone: workers and browsers meet here",
  dev: "Hub with logins and a worker in one process",
  worker: "Links this machine to a hub and runs the terminals",
};

/**
 * `asked` receives the request when the command line is complete and right. `adminGroups`: what there is
 * behind `admin`, loaded by whoever needs it.
 */
export function makeProgram(
  asked: (request: Request) => void,
  adminGroups: readonly AdminGroup[],
): Command {
  const program = new Command("leapmux")
    .description(
      "Terminals on your machines, from any browser, through a relay nobody has to trust.",
    )
    .helpCommand(false)
    .usage("<command> [flags]")
    .addHelpText("after", "\nRun `leapmux <command> --help` for the flags of a command.")
    .configureHelp({
      styleTitle: (title) => title.replace("Options", "Flags"),
      subcommandTerm: (command) => `${command.name()} ${command.usage()}`,
    });

  for (const settings of everyCommand) {
    const command = program
      .command(settings.command)
      .description(summaries[settings.command])
      .usage("[flags]");
    addFlags(command, settings);
    if (settings.command === "worker") addConsoleCommands(command, asked);
    command.action((options: Record<string, unknown>) => {
      asked({ command: settings.command, typed: typedValues(options) });
    });
  }

  addHubCommands(program, asked);
  addClientCommands(program, asked);
  addDoctorCommand(program, asked);
  addAdminCommands(program, adminGroups, asked);
  program
    .command("version")
    .usage("[flags]")
    .description("Print version, commit and Node version")
    .action(() => asked({ command: "version" }));
  program
    .command("completion")
    .usage("<shell>")
    .description("Print the completion script of a shell")
    .argument("<shell>", "bash, zsh or fish")
    .addHelpText(
      "after",
      "\nFor example: `leapmux completion bash > ~/.local/share/bash-completion/completions/leapmux`",
    )
    .action((shell: string) => asked({ command: "completion", shell }));
  for (const command of everyLevel(program)) {
    command.helpOption("-h, --help", "Show this");
    const isTaken = command.options.some(({ long }) => long === "--version");
    if (!isTaken) command.option("--version", "Print the version");
  }
  return program;
}

/** The program and every command below it. */
export function everyLevel(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyLevel)];
}

/** What somebody at the worker's console does; each is about a data directory and takes no other setting. */
function addConsoleCommands(worker: Command, asked: (request: Request) => void): void {
  worker.usage("[command] [flags]").helpCommand(false);
  const about = (command: Command): Command => {
    const dataDir = workerSettings.table.dataDir;
    const text = `${dataDir.description} (built-in: ${dataDir.builtIn}, env: ${variableName(workerSettings, "dataDir")})`;
    return command
      .option(`--data-dir <${dataDir.placeholder}>`, text)
      .option("--config <FILE>", "YAML file with the settings of the worker")
      .option("--json", "One line of JSON instead of words");
  };
  about(
    worker
      .command("fingerprint")
      .usage("[flags]")
      .description("Print the words that stand for this worker's key"),
  ).action((_options: unknown, command: Command) => {
    asked({ command: "fingerprint", typed: typedValues(command.optsWithGlobals()) });
  });

  about(
    worker
      .command("evidence")
      .usage("[flags]")
      .description("What happened on this worker, and whether that record is whole"),
  ).action((_options: unknown, command: Command) => {
    asked({ command: "evidence", typed: typedValues(command.optsWithGlobals()) });
  });

  const devices = worker
    .command("devices")
    .usage("<command> [flags]")
    .description("See, approve and revoke the devices that may open this worker")
    .helpCommand(false);
  about(
    devices
      .command("list")
      .usage("[flags]")
      .description("Devices that are trusted, revoked or waiting, and who was refused last"),
  ).action((_options: unknown, command: Command) => {
    const typed = typedValues(command.optsWithGlobals());
    asked({ command: "devices", request: { action: "list" }, typed });
  });
  for (const [action, description] of [
    ["approve", "Trust a device that was refused, by the words that its screen shows"],
    ["revoke", "Never trust a device again; ends what it has open at once"],
  ] as const) {
    about(
      devices
        .command(action)
        .usage("<words or id> [flags]")
        .description(description)
        .argument(
          "<words or id...>",
          "four words, joined by dashes or not, or the id of the device",
        ),
    ).action((named: string[], _options: unknown, command: Command) => {
      const typed = typedValues(command.optsWithGlobals());
      asked({ command: "devices", request: { action, named: named.join("-") }, typed });
    });
  }
}

/** Whether the token is a flag whose value follows as the next token. */
export function makeTakesValue(adminGroups: readonly AdminGroup[]): (flag: string) => boolean {
  const all = new Set([...valueFlags, ...adminValueFlags(adminGroups)]);
  return (flag) => all.has(flag);
}

const valueFlags = [
  "--config",
  ...clientValueFlags,
  ...doctorValueFlags,
  ...everyCommand.flatMap(({ table }) =>
    Object.entries(table)
      .filter(([, setting]) => setting.placeholder !== undefined)
      .map(([name]) => `--${flagName(name)}`),
  ),
];

function addFlags(command: Command, settings: CommandSettings): void {
  for (const [name, setting] of Object.entries(settings.table)) {
    const flag = flagName(name);
    const builtIn = setting.builtIn === undefined ? "" : `built-in: ${setting.builtIn}, `;
    const text = `${setting.description} (${builtIn}env: ${variableName(settings, name)})`;
    if (setting.placeholder === undefined) {
      // Alone it means yes; `--flag=no` and `--no-flag` are the same.
      command.addOption(new Option(`--${flag} [yes|no]`, text));
      command.addOption(new Option(`--no-${flag}`, "The opposite of it"));
      continue;
    }
    const option = new Option(`--${flag} <${setting.placeholder}>`, text);
    if (setting.refused !== undefined) option.hideHelp();
    command.addOption(option);
  }
  command.option(
    "--config <FILE>",
    `YAML file with settings (built-in: ~/.config/leapmux/${settings.command}/config.yaml if it exists, env: ${variableName(settings, "config")})`,
  );
}

/** Commander gives camel-cased names, strings for values and booleans for switches. */
function typedValues(options: Record<string, unknown>): ReadonlyMap<string, string> {
  const typed = new Map<string, string>();
  for (const [name, value] of Object.entries(options)) {
    if (typeof value === "string" || typeof value === "boolean") typed.set(name, String(value));
  }
  return typed;
}
