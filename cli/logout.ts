// `leapmux logout HUB_URL`: ends the login of this command line at the hub, then forgets it here. Where
// the hub cannot be reached nothing is forgotten, or a login would go on that nobody could end from here.
import { Code, ConnectError } from "@connectrpc/connect";
import { CommandError } from "./command-error.ts";
import { describeRefusal, makeLoginClient } from "./local/hub-calls.ts";
import type { StoredLogins } from "./local/stored-logins.ts";
import type { Output } from "./output.ts";

export interface LogoutOptions {
  hub: string;
  json: boolean;
  /** Only forget it here. */
  forget: boolean;
  logins: StoredLogins;
  output: Output;
  signal: AbortSignal;
}

export async function runLogout(options: LogoutOptions): Promise<number> {
  const { hub, json, forget, logins, output, signal } = options;
  const { loginToken } = logins.read(hub);
  if (loginToken === undefined) {
    if (json) output.print(JSON.stringify({ state: "not_logged_in", hub }));
    else output.print(`There was no login at ${hub}.`);
    return 0;
  }
  if (!forget) {
    await makeLoginClient(hub, loginToken)
      .logOut({}, { signal })
      .catch((error: unknown) => {
        signal.throwIfAborted();
        // It has ended already.
        if (ConnectError.from(error).code === Code.Unauthenticated) return;
        const { message } = describeRefusal(hub, error);
        throw new CommandError(
          "failure",
          `${message}, so the login there was not ended`,
          "Try again, or only forget it here with --forget and end it in a browser.",
          error,
        );
      });
  }
  logins.change(hub, { loginToken: undefined, username: undefined });
  if (json) output.print(JSON.stringify({ state: forget ? "forgotten" : "logged_out", hub }));
  else output.print(forget ? `The login at ${hub} is forgotten here.` : `Logged out of ${hub}.`);
  return 0;
}
