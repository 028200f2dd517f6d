// The commands that use workers as a browser does: how they are typed, and what is handed to the file that
// bears their name.
import type { Command } from "commander";
import { chooseHub } from "./channel/choose-hub.ts";
import { CommandError } from "./command-error.ts";
import type { Environment } from "./config/environment.ts";
import type { Output } from "./output.ts";
import { listenForStop } from "./stop-request.ts";

type Flags = Readonly<Record<string, string | boolean | undefined>>;

export interface ClientCommandRequest {
  command: "shell" | "workers" | "device" | "pins-list" | "pins-remove";
  /** Name or id. */
  worker: string | undefined;
  flags: Flags;
}

/** Whose value follows as the next token, besides those of the settings. */
export const clientValueFlags = ["--hub", "--attach", "--trust"];

const hub = [
  "--hub <URL>",
  "Hub to use (built-in: the one with a login here, else solo on this machine)",
] as const;
const json = ["--json", "Print the result as JSON"] as const;

const shellHelp = `
Everything behind --command belongs to the command; several words are joined by spaces.

At the start of a line: ~. leaves the terminal running, ~~ types one ~, ~? shows this.

The exit code is that of the program on the worker. 254: the login, this device or the
worker's key is not accepted. 255: anything else that went wrong on the way.`;

export function addClientCommands(
  program: Command,
  asked: (request: ClientCommandRequest) => void,
): void {
  program
    .command("shell")
    .usage("[worker] [flags]")
    .description("A terminal on a worker, sealed end to end, as in the browser")
    .argument("[worker]", "name or id (built-in: the only one that is online)")
    .option(...hub)
    .option("--command <CMD...>", "Run this in place of a shell; the last flag")
    .option("--attach <ID>", "Go back to a terminal that runs; the beginning of its id is enough")
    .option("--list", "List the terminals of the worker")
    .option(
      "--trust <WORDS>",
      "Words of the worker's key, as its own machine prints them, where nobody can be asked",
    )
    .option(...json)
    .addHelpText("after", shellHelp)
    .action((worker: string | undefined, flags: Flags) =>
      asked({ command: "shell", worker, flags }),
    );
  program
    .command("workers")
    .usage("[flags]")
    .description("List the workers and whether they are online")
    .option(...hub)
    .option(...json)
    .action((flags: Flags) => asked({ command: "workers", worker: undefined, flags }));
  program
    .command("device")
    .usage("[flags]")
    .description("Show which device this command line is, and whether it is approved")
    .option(...hub)
    .option(...json)
    .action((flags: Flags) => asked({ command: "device", worker: undefined, flags }));
  const pins = program
    .command("pins")
    .usage("<command> [flags]")
    .description("The keys of workers that this command line remembers")
    .helpCommand(false);
  pins
    .command("list")
    .usage("[flags]")
    .description("List them")
    .option(...hub)
    .option(...json)
    .action((flags: Flags) => asked({ command: "pins-list", worker: undefined, flags }));
  pins
    .command("remove")
    .usage("<worker> [flags]")
    .description("Forget the key of a worker that was set up anew")
    .argument("<worker>", "name or id")
    .option(...hub)
    .option(...json)
    .action((worker: string, flags: Flags) => asked({ command: "pins-remove", worker, flags }));
}

/**
 * What stands behind `--command` of `shell` is for the worker: nothing of it is a flag of ours. Before the
 * parser sees it, it becomes one value.
 */
export function joinCommand(argv: readonly string[]): readonly string[] {
  const at = argv[0] === "shell" ? argv.findIndex((token) => /^--?command$/.test(token)) : -1;
  if (at === -1 || at === argv.length - 1) return argv;
  return [...argv.slice(0, at), `--command=${argv.slice(at + 1).join(" ")}`];
}

export async function runClientCommand(
  request: ClientCommandRequest,
  { configHome }: Environment,
  output: Output,
): Promise<number> {
  const { command, worker, flags } = request;
  const text = (name: string) => (typeof flags[name] === "string" ? flags[name] : undefined);
  const isJson = flags["json"] === true;
  const { makeStoredLogins } = await import("./local/stored-logins.ts");
  const logins = makeStoredLogins(configHome);
  const named = text("hub");
  switch (command) {
    case "pins-list":
    case "pins-remove": {
      const { runPins } = await import("./pins.ts");
      return await runPins({
        request:
          command === "pins-list" ? { action: "list" } : { action: "remove", worker: worker ?? "" },
        hub: named === undefined ? undefined : chooseHub(named, logins),
        json: isJson,
        configHome,
        output,
      });
    }
    case "shell": {
      const typed = flags["command"];
      const attach = text("attach");
      const run = Array.isArray(typed) ? typed.join(" ") : "";
      if ([run !== "", attach !== undefined, flags["list"] === true].filter(Boolean).length > 1) {
        throw new CommandError("usage", "--command, --attach and --list exclude each other");
      }
      const { runShell } = await import("./shell.ts");
      return await runShell({
        worker,
        hub: named,
        command: run,
        attach,
        list: flags["list"] === true,
        json: isJson,
        trust: text("trust")?.trim().toLowerCase().replaceAll(/\s+/g, "-"),
        configHome,
        logins,
        output,
        stop: listenForStop(output),
      });
    }
    case "workers": {
      const { runWorkers } = await import("./workers.ts");
      const { signal } = listenForStop(output);
      return await runWorkers({ hub: named, json: isJson, logins, output, signal });
    }
    case "device": {
      const { runDevice } = await import("./device.ts");
      const { signal } = listenForStop(output);
      return await runDevice({ hub: named, json: isJson, configHome, logins, output, signal });
    }
  }
}
