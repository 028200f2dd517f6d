// `leapmux login HUB_URL`: a login for this command line, by a code that somebody who is logged in at the
// hub approves in a browser (RFC 8628 in spirit). No password is ever typed here.
import { setTimeout as wait } from "node:timers/promises";
import { CliLoginState, type PollCliLoginResponse } from "@leapmux/proto/hub/v1/login_pb.ts";
import { CommandError } from "./command-error.ts";
import { describeRefusal, makeLoginClient, mayPass } from "./local/hub-calls.ts";
import { loginTokenForm, type StoredLogins } from "./local/stored-logins.ts";
import type { Output } from "./output.ts";

export interface LoginOptions {
  hub: string;
  json: boolean;
  logins: StoredLogins;
  output: Output;
  signal: AbortSignal;
}

/** However long a hub says that a code is good, and however often it wants to be asked. */
const mostLifeMs = 15 * 60_000;
const leastIntervalMs = 500;
const mostIntervalMs = 30_000;

const userCodeForm = /^[A-Z0-9]{4}-[A-Z0-9]{4}$/;
const usernameForm = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

export async function runLogin(options: LoginOptions): Promise<number> {
  const { hub, json, logins, output, signal } = options;
  const before = logins.read(hub);
  const client = makeLoginClient(hub);
  const started = await client.startCliLogin({}, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw describeRefusal(hub, error);
  });
  const { deviceCode, userCode, expiresAtMs, pollIntervalMs } = started;
  if (!userCodeForm.test(userCode) || deviceCode === "") throw strange(hub);
  // The hub's clock may be another one than ours.
  const lifeMs = Math.min(mostLifeMs, Math.max(60_000, Number(expiresAtMs) - Date.now()));
  const address = `${hub}/cli#${userCode}`;
  if (json) {
    const expires = Date.now() + lifeMs;
    output.print(
      JSON.stringify({
        state: "waiting",
        hub,
        address,
        user_code: userCode,
        expires_at_ms: expires,
      }),
    );
  } else {
    output.print("In a browser where you are logged in, open");
    output.print(`  ${address}`);
    output.print(`and approve, if it shows this code: ${userCode}`);
    output.progress(`Waiting for the approval, ${Math.round(lifeMs / 60_000)} minutes at most …`);
  }

  const answer = await untilAnswered(() => client.pollCliLogin({ deviceCode }, { signal }), {
    intervalMs: Math.min(mostIntervalMs, Math.max(leastIntervalMs, pollIntervalMs)),
    untilMs: performance.now() + lifeMs,
    hub,
    signal,
  });
  const username = answer.account?.username ?? "";
  if (!loginTokenForm.test(answer.loginToken) || !usernameForm.test(username)) throw strange(hub);
  logins.change(hub, { loginToken: answer.loginToken, username });
  // The one before would live on at the hub until it is idle for long enough.
  if (before.loginToken !== undefined) {
    await makeLoginClient(hub, before.loginToken)
      .logOut({}, { signal })
      .catch(() => undefined);
  }

  if (json) output.print(JSON.stringify({ state: "logged_in", hub, username }));
  else {
    output.print(`Logged in to ${hub} as ${username}. The login is kept in ${logins.file}.`);
    output.print(`Next: leapmux open ${hub}`);
  }
  return 0;
}

async function untilAnswered(
  poll: () => Promise<PollCliLoginResponse>,
  options: { intervalMs: number; untilMs: number; hub: string; signal: AbortSignal },
): Promise<PollCliLoginResponse> {
  const { intervalMs, untilMs, hub, signal } = options;
  while (performance.now() < untilMs) {
    await wait(intervalMs, undefined, { signal });
    const answer = await poll().catch((error: unknown) => {
      signal.throwIfAborted();
      // A hub that restarts has forgotten the code and will say so.
      if (mayPass(error)) return undefined;
      throw describeRefusal(hub, error);
    });
    switch (answer?.state) {
      case undefined:
      case CliLoginState.WAITING:
        continue;
      case CliLoginState.APPROVED:
        return answer;
      case CliLoginState.DENIED:
        throw new CommandError("failure", "the login was denied in the browser");
      case CliLoginState.EXPIRED:
        throw expired(hub);
      default:
        throw strange(hub);
    }
  }
  throw expired(hub);
}

function expired(hub: string): CommandError {
  const next = `Start again: leapmux login ${hub}`;
  return new CommandError("failure", "the code has expired before anybody approved it", next);
}

function strange(hub: string): CommandError {
  const message = `${hub} answers in a way that no LeapMux hub does`;
  return new CommandError("failure", message, "Check the address.");
}
