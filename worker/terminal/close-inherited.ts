import { existsSync } from "node:fs";

/**
 * The native part of node-pty leaves the terminals that it opened inheritable on Linux, and Node has no call
 * to change that: each new shell would hold those of all others, and could read and write them. So bash, where
 * there is one, closes everything but the three standard files before it becomes the shell; the process stays
 * the same. `-p` keeps it from reading what the user's environment would have it read.
 */
const script =
  'for path in /proc/self/fd/*; do fd=${path##*/}; if [ "$fd" -gt 2 ]; then eval "exec $fd>&-"; fi; done; exec "$@"';

const bashPaths = ["/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash"];

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

export function closeInherited(command: Command): Command {
  if (process.platform !== "linux") return command;
  const bash = bashPaths.find((path) => existsSync(path));
  if (bash === undefined) return command;
  return { file: bash, args: ["-p", "-c", script, "leapmux", command.file, ...command.args] };
}
