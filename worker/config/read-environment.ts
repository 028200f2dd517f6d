import { homedir, hostname, userInfo } from "node:os";

/** What the worker takes from the machine that it runs on; read once, here and nowhere else. */
export interface WorkerEnvironment {
  /** Variables of our own process, for the shells. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly userName: string;
  readonly hostName: string;
  /** SHELL, then the password database. */
  readonly loginShells: readonly (string | null | undefined)[];
  /** LEAPMUX_DEFAULT_SHELL. */
  readonly preferredShell: string | undefined;
}

export function readEnvironment(): WorkerEnvironment {
  const variables = { ...process.env };
  const user = userInfo();
  return {
    variables,
    home: homedir(),
    userName: user.username,
    hostName: hostname(),
    loginShells: [variables["SHELL"], user.shell],
    preferredShell: variables["LEAPMUX_DEFAULT_SHELL"],
  };
}
