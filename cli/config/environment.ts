/** What the command line reads from the process around it: the only file of `cli` that looks. */
import { homedir } from "node:os";
import path from "node:path";

export interface Environment {
  variables: Readonly<Record<string, string | undefined>>;
  /** Where a relative path that was typed starts. */
  workingDir: string;
  homeDir: string;
  /** `$XDG_CONFIG_HOME`, else `~/.config`. */
  configHome: string;
  /** https://no-color.org: any value but the empty one. */
  noColor: boolean;
  /** A browser that is opened would be seen by whoever typed the command. */
  hasScreen: boolean;
}

export function readEnvironment(): Environment {
  const variables = process.env;
  const homeDir = homedir();
  const xdg = variables["XDG_CONFIG_HOME"];
  // The XDG specification: a relative path is invalid and to be ignored.
  const configHome =
    xdg !== undefined && path.isAbsolute(xdg) ? xdg : path.join(homeDir, ".config");
  const overSsh = isSet(variables["SSH_CONNECTION"]);
  const display = isSet(variables["DISPLAY"]) || isSet(variables["WAYLAND_DISPLAY"]);
  return {
    variables,
    workingDir: process.cwd(),
    homeDir,
    configHome,
    noColor: isSet(variables["NO_COLOR"]) || variables["TERM"] === "dumb",
    hasScreen: !overSsh && (process.platform === "darwin" || display),
  };
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}
