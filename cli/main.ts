// Entry of the command line: arguments in, exit code out. 0 is success, 1 a failure while running,
// 2 a command line or configuration that is wrong.
import { type Command, CommanderError } from "commander";
import { PrivatePathError } from "@leapmux/shared/platform/check-private-path.ts";
import { joinCommand, runClientCommand } from "./client-commands.ts";
import { CommandError } from "./command-error.ts";
import { closest } from "./config/closest.ts";
import { readEnvironment } from "./config/environment.ts";
import {
  devSettings,
  flagName,
  hubSettings,
  soloSettings,
  workerSettings,
} from "./config/settings.ts";
import { loadSettings } from "./config/load-settings.ts";
import { runHubCommand } from "./hub-commands.ts";
import { normaliseArguments } from "./normalise-arguments.ts";
import { makeOutput, type Output } from "./output.ts";
import { everyLevel, makeProgram, makeTakesValue, type Request } from "./program.ts";
import { listenForStop } from "./stop-request.ts";
import { runVersion } from "./version.ts";

// Whoever reads our output may stop doing so (`leapmux help | head`): no reason for a stack trace.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
}

const environment = readEnvironment();
const output = makeOutput(process.stdout, process.stderr, environment.noColor);
process.exit(await main(process.argv.slice(2)));

async function main(argv: string[]): Promise<number> {
  try {
    if (argv[0] === "complete") {
      const { runComplete } = await import("./completion.ts");
      runComplete(argv.slice(argv[1] === "--" ? 2 : 1));
      return 0;
    }
    const request = await parse([...joinCommand(argv)]);
    return request === undefined ? 0 : await run(request, output);
  } catch (error) {
    if (error instanceof CommandError) {
      output.error(error);
      return error.code === "usage" ? 2 : 1;
    }
    // Of a file within the data directory.
    if (error instanceof PrivatePathError) {
      output.error(new CommandError("failure", error.message, error.next, error));
      return 1;
    }
    // Somebody asked to stop while something was still being prepared.
    if (error instanceof Error && error.name === "AbortError") return 0;
    // A fault of ours: the stack is what helps to find it.
    output.error(
      new CommandError("failure", error instanceof Error ? (error.stack ?? "") : String(error)),
    );
    return 1;
  }
}

/** The request, or undefined when help or the version was asked for and has been printed. */
async function parse(argv: string[]): Promise<Request | undefined> {
  const adminGroups = argv.includes("admin") ? (await import("./admin/groups.ts")).adminGroups : [];
  const takesValue = makeTakesValue(adminGroups);
  const { tokens, asksFor } = normaliseArguments(argv, takesValue);
  if (asksFor === "version") {
    runVersion(output);
    return undefined;
  }

  let request: Request | undefined;
  const program = makeProgram((asked) => (request = asked), adminGroups);
  const { command, level } = findCommand(program, tokens, takesValue);
  for (const each of everyLevel(program)) {
    each.exitOverride().configureOutput({
      writeOut: (text) => output.print(text.trimEnd()),
      writeErr: () => {},
    });
  }
  if (asksFor === "help") {
    command.outputHelp();
    return undefined;
  }

  const next = `Run \`${level} --help\` for what there is.`;
  const isGroup = command.commands.length > 0 && level !== "leapmux worker";
  if (isGroup && !tokens.some((token) => token.startsWith("-")))
    throw new CommandError("usage", "a command is missing", next);
  try {
    program.parse(tokens, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Only flags stood behind a group.
    if (error.code === "commander.help")
      throw new CommandError("usage", "a command is missing", next);
    throw new CommandError("usage", error.message.replace(/^error: /, ""), next);
  }
  return request;
}

/** The innermost command that the words name. Throws for a word that is none where only commands may stand. */
function findCommand(
  program: Command,
  tokens: readonly string[],
  takesValue: (flag: string) => boolean,
) {
  let command = program;
  let level = "leapmux";
  for (let at = 0; at < tokens.length && command.commands.length > 0; at++) {
    const token = tokens[at] ?? "";
    if (token.startsWith("-")) {
      // Flags of the program itself stand alone and are judged by the parser.
      if (command === program) break;
      if (takesValue(token)) at += 1;
      continue;
    }
    const next = command.commands.find(
      (each) => each.name() === token || each.aliases().includes(token),
    );
    if (next === undefined) throw unknownCommand(token, command, level);
    command = next;
    level = `${level} ${token}`;
  }
  return { command, level };
}

function unknownCommand(word: string, program: Command, level: string): CommandError {
  const near = closest(
    word,
    program.commands.map((each) => each.name()),
  );
  const hint = near === undefined ? "" : `Did you mean ${near}? `;
  const next = `${hint}Run \`${level} --help\` for what there is.`;
  return new CommandError("usage", `unknown command ${word}`, next);
}

async function run(request: Request, to: Output): Promise<number> {
  switch (request.command) {
    case "login":
    case "logout":
    case "open":
    case "verify":
      return await runHubCommand(request, environment, to);
    case "shell":
    case "workers":
    case "device":
    case "pins-list":
    case "pins-remove":
      return await runClientCommand(request, environment, to);
    case "admin": {
      const { runAdmin } = await import("./admin/run-admin.ts");
      return await runAdmin(request, environment, to);
    }
    case "doctor": {
      const { runDoctor } = await import("./doctor/run-doctor.ts");
      return await runDoctor(request, environment, to);
    }
    case "version":
      runVersion(to);
      return 0;
    case "completion": {
      const { runCompletion } = await import("./completion.ts");
      runCompletion(request.shell);
      return 0;
    }
    case "solo": {
      const { values, warnings } = loadSettings(soloSettings, request.typed, environment);
      for (const warning of warnings) to.warn(warning);
      const { runSolo } = await import("./solo.ts");
      return await runSolo({ settings: values, environment, output: to, stop: listenForStop(to) });
    }
    case "hub": {
      const { values, sources, warnings } = loadSettings(hubSettings, request.typed, environment);
      for (const warning of warnings) to.warn(warning);
      const { runHub } = await import("./hub.ts");
      return await runHub({ settings: values, sources, output: to, stop: listenForStop(to) });
    }
    case "dev": {
      const { values, sources, warnings } = loadSettings(devSettings, request.typed, environment);
      for (const warning of warnings) to.warn(warning);
      const { runDev } = await import("./dev.ts");
      return await runDev({ settings: values, sources, output: to, stop: listenForStop(to) });
    }
    case "fingerprint": {
      const { runFingerprint } = await import("./worker-devices.ts");
      return await runFingerprint(consoleOptions(request.typed, to));
    }
    case "evidence": {
      const { runEvidence } = await import("./worker-evidence.ts");
      return await runEvidence(consoleOptions(request.typed, to));
    }
    case "devices": {
      const { runDevices } = await import("./worker-devices.ts");
      return await runDevices(request.request, consoleOptions(request.typed, to));
    }
    case "worker": {
      const { values, warnings } = loadSettings(workerSettings, request.typed, environment);
      for (const warning of warnings) to.warn(warning);
      const { runWorker } = await import("./worker.ts");
      return await runWorker({ settings: values, output: to, stop: listenForStop(to) });
    }
  }
}

/** Of a worker's settings, the console commands take the data directory alone. */
function consoleOptions(typed: ReadonlyMap<string, string>, to: Output) {
  const { json, ...settings } = Object.fromEntries(typed);
  const other = Object.keys(settings).find((name) => name !== "dataDir" && name !== "config");
  if (other !== undefined) {
    throw new CommandError(
      "usage",
      `--${flagName(other)} means nothing here`,
      "These commands take --data-dir, --config and --json.",
    );
  }
  const { values } = loadSettings(workerSettings, new Map(Object.entries(settings)), environment);
  return { dataDir: values.dataDir, json: json === "true", output: to };
}
