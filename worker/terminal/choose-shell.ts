import { accessSync, constants, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, delimiter, isAbsolute, join } from "node:path";

export interface Shell {
  readonly path: string;
  readonly name: string;
  readonly isDefault: boolean;
}

export interface ShellSources {
  /** Wins over everything else: the operator's choice. */
  readonly preferred?: string | undefined;
  /** SHELL of the environment, then the one of the password database. */
  readonly loginShells: readonly (string | null | undefined)[];
  /** PATH. */
  readonly searchPath: string;
  readonly shellsFile?: string;
}

const knownNames = ["bash", "zsh", "fish", "sh", "ksh", "tcsh", "nu", "xonsh", "elvish", "pwsh"];
/** Entries of /etc/shells that let nobody in. */
const notShells = new Set(["nologin", "false", "true", "git-shell", "sync"]);

/**
 * The shells of this machine, the login shell first. One binary under two names is two shells (`sh` may be
 * `bash` and behave otherwise); the same name in two directories that are one is one.
 */
export function listShells(sources: ShellSources): readonly Shell[] {
  const { preferred, loginShells, searchPath, shellsFile = "/etc/shells" } = sources;
  const defaults = [preferred, ...loginShells, "/bin/sh"].filter(isRunnable);
  const onPath = searchPath
    .split(delimiter)
    .filter(isAbsolute)
    .flatMap((directory) => knownNames.map((name) => join(directory, name)));
  const found = new Map<string, Shell>();
  for (const path of [...defaults.slice(0, 1), ...readShellsFile(shellsFile), ...onPath]) {
    const name = basename(path);
    if (notShells.has(name) || !isRunnable(path)) continue;
    const key = `${name}\0${realpathSync(path)}`;
    if (!found.has(key)) found.set(key, { path, name, isDefault: path === defaults[0] });
  }
  const [first, ...rest] = found.values();
  if (!first) return [];
  return [first, ...rest.sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1))];
}

/**
 * What makes each shell an interactive login shell. Without `isLogin` nothing is said: on a terminal every
 * shell is interactive by itself.
 */
export function shellArguments(
  shell: Pick<Shell, "name">,
  { isLogin }: { readonly isLogin: boolean },
): readonly string[] {
  if (!isLogin) return [];
  switch (shell.name) {
    case "csh":
    case "tcsh":
      // Login must stand alone there; a terminal makes it interactive.
      return ["-l"];
    case "pwsh":
    case "powershell":
      return ["-Login"];
    case "sh":
    case "bash":
    case "rbash":
    case "dash":
    case "ash":
    case "zsh":
    case "fish":
    case "ksh":
    case "mksh":
    case "nu":
    case "xonsh":
      return ["-l", "-i"];
    default:
      return [];
  }
}

/** What makes a shell run one command and end with its exit code. Not a login shell, as with ssh. */
export function commandArguments(shell: Pick<Shell, "name">, command: string): readonly string[] {
  return [shell.name === "pwsh" ? "-Command" : "-c", command];
}

function rank(shell: Shell): number {
  const at = knownNames.indexOf(shell.name);
  return at === -1 ? knownNames.length : at;
}

function isRunnable(path: string | null | undefined): path is string {
  if (!path || !isAbsolute(path)) return false;
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function readShellsFile(path: string): readonly string[] {
  try {
    const lines = readFileSync(path, "utf8").split("\n");
    return lines.map((line) => line.trim()).filter((line) => line.startsWith("/"));
  } catch {
    return [];
  }
}
