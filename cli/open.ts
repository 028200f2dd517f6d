// `leapmux open HUB_URL`: the frontend of this package on loopback, the hub a mere API behind it, called
// with the login of `leapmux login`. Nothing that runs in the browser comes from the hub.
import path from "node:path";
import { pathToFileURL } from "node:url";
import { rmSync, writeFileSync } from "node:fs";
import { systemClock } from "@leapmux/hub/ops/hub-clock.ts";
import { makeHubLog } from "@leapmux/hub/ops/hub-log.ts";
import { makeLogRefusal } from "@leapmux/hub/ops/log-refusals.ts";
import { loadStaticFiles } from "@leapmux/hub/ops/static-files.ts";
import { buildFrontend } from "./build-frontend.ts";
import { CommandError } from "./command-error.ts";
import type { Environment } from "./config/environment.ts";
import type { ListenAddress } from "./config/value-types.ts";
import { derivePort, makeLabel } from "./local/choose-address.ts";
import { entrancePath } from "./local/entrance-page.ts";
import { makeEntrance } from "./local/entrance.ts";
import { makeLocalFrontend, type LocalFrontend } from "./local/serve-frontend.ts";
import type { StoredLogins } from "./local/stored-logins.ts";
import { openBrowser } from "./open-browser.ts";
import type { Output } from "./output.ts";
import type { StopRequest } from "./stop-request.ts";
import { readVersion } from "./version.ts";

export interface OpenOptions {
  hub: string;
  /** Loopback. */
  listen: ListenAddress | undefined;
  open: "auto" | "true" | "false";
  /** By the address instead of a name below localhost. */
  byAddress: boolean;
  logins: StoredLogins;
  environment: Environment;
  output: Output;
  stop: StopRequest;
}

export async function runOpen(options: OpenOptions): Promise<number> {
  const { hub, byAddress, logins, environment, output, stop } = options;
  const stored = logins.read(hub);
  if (stored.loginToken === undefined) {
    const next = `Log in first: leapmux login ${hub}`;
    throw new CommandError("failure", `this machine has no login at ${hub}`, next);
  }

  // 1. The files, and where they are served.
  const files = loadStaticFiles(await buildFrontend(output, stop.signal));
  const port = options.listen?.port ?? stored.port ?? derivePort(hub);
  const label = stored.label ?? makeLabel();
  const host = options.listen?.host ?? "127.0.0.1";
  const name = byAddress ? (host.includes(":") ? `[${host}]` : host) : `${label}.localhost`;
  const url = `http://${name}:${port}`;
  const entrance = makeEntrance({ port });
  const frontend = makeLocalFrontend({
    name,
    port,
    files,
    hub: { origin: hub, readToken: () => logins.read(hub).loginToken },
    entrance,
    version: readVersion(),
    logRefusal: makeLogRefusal(makeHubLog(output.logger("info")), systemClock),
    onEntered: () => {
      rmSync(handover, { force: true });
      output.print(`For another browser: ${url}${entrancePath}#${entrance.makeSecret()}`);
    },
  });
  await listen(frontend, { hosts: byAddress ? [host] : ["127.0.0.1", "::1"], port, hub });
  logins.change(hub, { port, label });

  // 2. The way in.
  const address = `${url}${entrancePath}#${entrance.makeSecret()}`;
  const handover = path.join(path.dirname(logins.file), `open-${port}.html`);
  output.print(`LeapMux for ${hub}, with the frontend of this package, is ready at`);
  output.print(`  ${address}`);
  output.print("This address works once. Stop with Ctrl-C.");
  if (shouldOpen(options.open, environment, output)) openByFile(handover, address);

  await stop.asked;
  return await stop.finish([() => rmSync(handover, { force: true }), () => frontend.close()]);
}

/**
 * Every user of a machine can read how programs were started, and the secret is in the address. So the
 * desktop is handed a file that only we can read and that leads there.
 */
function openByFile(file: string, address: string): void {
  rmSync(file, { force: true });
  const page = `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0;url=${address}"><title>LeapMux</title>\n`;
  writeFileSync(file, page, { mode: 0o600, flag: "wx" });
  openBrowser(pathToFileURL(file).href);
}

async function listen(
  frontend: LocalFrontend,
  { hosts, port, hub }: { hosts: readonly string[]; port: number; hub: string },
): Promise<void> {
  for (const host of hosts) {
    try {
      await frontend.listen(host);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      // A machine without IPv6; on one that has it nobody else may answer there under our name.
      if (host === "::1" && ["EADDRNOTAVAIL", "EAFNOSUPPORT"].includes(code)) continue;
      await frontend.close();
      if (code !== "EADDRINUSE" && code !== "EACCES") throw error;
      const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
      throw new CommandError(
        "failure",
        code === "EACCES"
          ? `no permission to listen on ${address}`
          : `${address} is already in use`,
        [
          `If \`leapmux open ${hub}\` runs already, use that one.`,
          "Otherwise stop what uses the port. Another one (--listen 127.0.0.1:PORT) is possible, but to a",
          "browser that is another place: this device's keys and the pins of workers are not known there.",
        ].join("\n"),
        error,
      );
    }
  }
}

function shouldOpen(
  choice: OpenOptions["open"],
  environment: Environment,
  output: Output,
): boolean {
  return choice === "true" || (choice === "auto" && output.interactive && environment.hasScreen);
}
