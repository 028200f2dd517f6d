/** The real hub and worker as processes of their own, as the figures of opening and echo need them. */
import { setUpFirstAdmin, type LoggedIn } from "@leapmux/hub/test-support/log-in.ts";
import type { Cleanup } from "../harness/cleanup.ts";
import { rememberLogin } from "../harness/known-logins.ts";
import { startLeapmux, type LeapmuxProcess } from "../harness/processes.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";
import { startChild, type Child } from "./child.ts";

export interface BenchHub {
  readonly url: string;
  readonly directory: string;
  readonly process: Child;
  mintKey(): Promise<string>;
}

export interface BenchParts {
  readonly url: string;
  readonly worker: LeapmuxProcess;
}

export async function startBenchHub(
  cleanup: Cleanup,
  options: {
    readonly kind?: "solo" | "hub";
    readonly directory?: string;
    readonly port?: number;
  } = {},
): Promise<BenchHub & { readonly setUpUrl: string | null }> {
  const directory = options.directory ?? (await makeTemporaryDirectory(cleanup));
  const args = [directory, options.kind ?? "solo", String(options.port ?? 0)];
  const process = await startChild(cleanup, "./bench-hub.ts", args, ["--expose-gc"]);
  const { url, setUpUrl } = JSON.parse(process.ready) as { url: string; setUpUrl: string | null };
  return { url, directory, process, setUpUrl, mintKey: () => process.ask("key") };
}

/** One with logins, and its first account. */
export async function startHubWithLogins(
  cleanup: Cleanup,
): Promise<BenchHub & { readonly admin: LoggedIn }> {
  const { setUpUrl, ...hub } = await startBenchHub(cleanup, { kind: "hub" });
  const admin = await setUpFirstAdmin(hub.url, setUpUrl);
  rememberLogin(hub.url, admin);
  return { ...hub, admin };
}

export async function startBenchParts(cleanup: Cleanup): Promise<BenchParts> {
  const { url, mintKey } = await startBenchHub(cleanup);
  const dataDir = await makeTemporaryDirectory(cleanup);
  const worker = startLeapmux(
    cleanup,
    ["worker", "--hub", url, "--data-dir", dataDir, "--client-auth", "hub"],
    { env: { LEAPMUX_WORKER_REGISTRATION_KEY: await mintKey() } },
  );
  return { url, worker };
}
