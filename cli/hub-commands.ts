// The commands that take the address of a hub: how they are typed, and what is handed to the file that
// bears their name. They have no settings of a file or the environment: each is about one hub, now.
import type { Command } from "commander";
import type { z } from "zod";
import { CommandError } from "./command-error.ts";
import type { Environment } from "./config/environment.ts";
import {
  formatAddress,
  httpOrigin,
  isLoopback,
  listenAddress,
  openBrowserChoice,
  type ListenAddress,
} from "./config/value-types.ts";
import { requireTls } from "./local/require-tls.ts";
import type { Output } from "./output.ts";
import { listenForStop, type StopRequest } from "./stop-request.ts";

const names = ["login", "logout", "open", "verify"] as const;
type HubCommandName = (typeof names)[number];

export interface HubCommandRequest {
  command: HubCommandName;
  hub: string;
  /** By name in camel case; a switch is true. */
  flags: Readonly<Record<string, string | boolean | undefined>>;
}

const hubArgument = ["<hub-url>", "Address of the hub, such as https://hub.example"] as const;
const json = ["--json", "Print the result as JSON"] as const;

export function addHubCommands(
  program: Command,
  asked: (request: HubCommandRequest) => void,
): void {
  const add = (name: HubCommandName, description: string): Command => {
    const command = program
      .command(name)
      .usage("<hub-url> [flags]")
      .description(description)
      .argument(...hubArgument);
    return command.action((hub: string, flags: HubCommandRequest["flags"]) =>
      asked({ command: name, hub, flags }),
    );
  };
  add("login", "Log this command line in at a hub; somebody approves it in a browser")
    .option("--allow-http", "Log in without TLS, where everybody on the way can take the login")
    .option(...json);
  add("logout", "End the login of this command line at a hub and forget it")
    .option("--forget", "Only forget it here, where the hub cannot be reached")
    .option(...json);
  add("open", "Serve the frontend of this package here and use the hub as a mere API")
    .option(
      "--listen <HOST:PORT>",
      "Loopback address and port to serve on (built-in: one port for each hub, the same each time)",
    )
    .option("--open [yes|no]", "Open the browser (built-in: auto, where a screen is)")
    .option("--no-open", "The opposite of it")
    .option(
      "--by-address",
      "Open http://127.0.0.1:PORT, for a browser that knows no names below localhost; its cookie then goes to everything else on that address too",
    );
  add("verify", "Compare the frontend that a hub serves with the one of this package").option(
    ...json,
  );
}

export async function runHubCommand(
  request: HubCommandRequest,
  environment: Environment,
  output: Output,
): Promise<number> {
  const stop = listenForStop(output);
  try {
    return await run(request, environment, output, stop);
  } catch (error) {
    // What was stopped before its end has not succeeded; 0 would say that a hub was found to be right.
    if (!stop.signal.aborted) throw error;
    throw new CommandError("failure", "stopped before the end", undefined, error);
  }
}

async function run(
  request: HubCommandRequest,
  environment: Environment,
  output: Output,
  stop: StopRequest,
): Promise<number> {
  const { command, flags } = request;
  const hub = parse(httpOrigin, request.hub, "the address of the hub");
  const isJson = flags["json"] === true;
  const { makeStoredLogins } = await import("./local/stored-logins.ts");
  const logins = makeStoredLogins(environment.configHome);
  const common = { hub, json: isJson, logins, output, signal: stop.signal };
  switch (command) {
    case "login": {
      if (flags["allowHttp"] !== true) requireTls(hub, "login");
      const { runLogin } = await import("./login.ts");
      return await runLogin(common);
    }
    case "logout": {
      const { runLogout } = await import("./logout.ts");
      return await runLogout({ ...common, forget: flags["forget"] === true });
    }
    case "open": {
      const { runOpen } = await import("./open.ts");
      return await runOpen({
        hub,
        listen: parseListen(flags["listen"]),
        open: parse(openBrowserChoice, String(flags["open"] ?? "auto"), "--open"),
        byAddress: flags["byAddress"] === true,
        logins,
        environment,
        output,
        stop,
      });
    }
    case "verify": {
      const { runVerify } = await import("./verify.ts");
      return await runVerify(common);
    }
  }
}

function parseListen(flag: string | boolean | undefined): ListenAddress | undefined {
  if (typeof flag !== "string") return undefined;
  const address = parse(listenAddress, flag, "--listen");
  if (isLoopback(address)) return address;
  throw new CommandError(
    "usage",
    `--listen ${formatAddress(address)} is refused: whoever reaches it would be asked for no login of their own`,
    "Only 127.0.0.1, [::1] and localhost are possible.",
  );
}

function parse<Value>(kind: z.ZodType<Value, string>, text: string, what: string): Value {
  const result = kind.safeParse(text);
  if (result.success) return result.data;
  throw new CommandError("usage", `${what} ${result.error.issues[0]?.message ?? "is not valid"}`);
}
