/**
 * Hubs with logins that the harness set up, by their address: clients and pages that a test opens there
 * without saying as whom are the first admin.
 */
import { createClient } from "@connectrpc/connect";
import { AccountService } from "@leapmux/proto/hub/v1/account_pb.ts";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";
import { WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { connectAs, setUpFirstAdmin, type LoggedIn } from "@leapmux/hub/test-support/log-in.ts";
import type { LeapmuxProcess } from "./processes.ts";
import { until } from "./until.ts";

const known = new Map<string, LoggedIn>();

export function rememberLogin(url: string, login: LoggedIn): void {
  known.set(url, login);
}

/** Headers of the first admin, for any address at that hub; none at a solo hub. */
export function knownHeaders(url: string): Readonly<Record<string, string>> {
  return known.get(new URL(url).origin)?.headers ?? {};
}

/** Makes the first account of a hub in another process, with the address that it printed. */
export async function setUpHub(hub: LeapmuxProcess, url: string): Promise<LoggedIn> {
  const setUpUrl = await until(
    () => /\S+\/setup#\S+/.exec(hub.stdout())?.[0],
    "the set-up address",
  );
  const admin = await setUpFirstAdmin(url, setUpUrl);
  rememberLogin(url, admin);
  return admin;
}

export async function makeRegistrationKey({ transport }: LoggedIn): Promise<string> {
  return (await createClient(WorkerService, transport).createRegistrationKey({})).key;
}

/** What `leapmux login` keeps, once the first admin has approved it in the browser. */
export async function logInCommandLine(url: string): Promise<string> {
  const admin = known.get(url);
  if (admin === undefined) throw new Error(`nobody set up ${url}`);
  const logins = createClient(LoginService, connectAs(url));
  const { deviceCode, userCode } = await logins.startCliLogin({});
  await createClient(AccountService, admin.transport).answerCliLogin({ userCode, approve: true });
  return (await logins.pollCliLogin({ deviceCode })).loginToken;
}
