/**
 * Hubs with logins that the harness set up, by their address: clients and pages that a test opens there
 * without saying as whom are the first admin.
 */
import { createClient } from "@connectrpc/connect";
import { WorkerService } from "@leapmux/proto/hub/v1/worker_pb.ts";
import { setUpFirstAdmin, type LoggedIn } from "@leapmux/hub/test-support/log-in.ts";
import type { LeapmuxProcess } from "./processes.ts";
import { until } from "./until.ts";

const known = new Map<string, LoggedIn>();

export function rememberLogin(url: string, login: LoggedIn): void {
  known.set(url, login);
}

/** Headers of the first admin; none at a solo hub. */
export function knownHeaders(url: string): Readonly<Record<string, string>> {
  return known.get(url)?.headers ?? {};
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
