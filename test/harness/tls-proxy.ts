/**
 * The real nginx or Caddy in front of a hub, with the configuration that the documents give to people:
 * only names, ports and paths are put in. Both answer at https://localhost on a port of their own.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Cleanup } from "./make-cleanup.ts";
import { freePort } from "./free-port.ts";
import { makeTemporaryDirectory } from "./temporary-directory.ts";
import { until } from "./until.ts";

export interface TlsProxyOptions {
  readonly hubPort: number;
  readonly port: number;
  /** PEM files. */
  readonly certificate: string;
  readonly key: string;
}

export interface TlsProxy {
  /** A line for each request that is over; nginx only. */
  requests(): string;
  /** Where plain HTTP is sent on from; nginx only. */
  readonly plainUrl: string | undefined;
}

/** Administrators' programs are often not on the path of everybody. */
export function findProgram(name: string): string | undefined {
  const directories = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/bin"];
  return directories.map((directory) => join(directory, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export async function startNginx(
  cleanup: Cleanup,
  program: string,
  example: "nginx.conf" | "nginx-http1.conf",
  options: TlsProxyOptions,
): Promise<TlsProxy> {
  const directory = await makeTemporaryDirectory(cleanup, "nginx");
  const plainPort = await freePort();
  const site = fillIn(example, [
    ["listen 80;", `listen 127.0.0.1:${plainPort};`],
    ["listen 443 ssl", `listen 127.0.0.1:${options.port} ssl`],
    ["server_name leapmux.example;", "server_name localhost;"],
    ["/etc/letsencrypt/live/leapmux.example/fullchain.pem", options.certificate],
    ["/etc/letsencrypt/live/leapmux.example/privkey.pem", options.key],
    ["127.0.0.1:4327", `127.0.0.1:${options.hubPort}`],
  ]);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${join(directory, name)};`,
  );
  const accessLog = join(directory, "access.log");
  // What a system's own nginx.conf says around the site, so that it runs for anybody.
  const main = [
    `pid ${join(directory, "pid")};`,
    "daemon off;",
    "master_process off;",
    "events {}",
    "http {",
    ...temporary,
    `access_log ${accessLog};`,
    site,
    "}",
  ];
  const config = join(directory, "nginx.conf");
  writeFileSync(config, main.join("\n"));
  await start(
    cleanup,
    program,
    ["-e", "stderr", "-p", directory, "-c", config],
    directory,
    options,
  );
  return {
    requests: () => readFileSync(accessLog, "utf8"),
    plainUrl: `http://127.0.0.1:${plainPort}`,
  };
}

export async function startCaddy(
  cleanup: Cleanup,
  program: string,
  options: TlsProxyOptions,
): Promise<TlsProxy> {
  const directory = await makeTemporaryDirectory(cleanup, "caddy");
  const site = fillIn("Caddyfile", [
    [
      "\nleapmux.example {\n",
      `\nhttps://localhost:${options.port} {\nbind 127.0.0.1\ntls ${options.certificate} ${options.key}\n`,
    ],
    ["127.0.0.1:4327 {", `127.0.0.1:${options.hubPort} {`],
    ["reverse_proxy 127.0.0.1:4327\n", `reverse_proxy 127.0.0.1:${options.hubPort}\n`],
  ]);
  const config = join(directory, "Caddyfile");
  writeFileSync(config, `{\nadmin off\nauto_https disable_redirects\n}\n${site}`);
  const args = ["run", "--config", config, "--adapter", "caddyfile"];
  await start(cleanup, program, args, directory, options);
  return { requests: () => "", plainUrl: undefined };
}

/** Fails where the document does not hold what is to be replaced: then it is not the document that is tested. */
function fillIn(example: string, replacements: readonly (readonly [string, string])[]): string {
  const file = fileURLToPath(new URL(`../../docs/examples/${example}`, import.meta.url));
  const text = readFileSync(file, "utf8");
  for (const [from] of replacements) {
    if (!text.includes(from)) throw new Error(`${example} does not say ${from}`);
  }
  // All at once: what was filled in may look like what is still to be replaced.
  const wanted = replacements.map(([from]) => RegExp.escape(from)).join("|");
  const texts = new Map(replacements);
  return text.replaceAll(new RegExp(wanted, "g"), (from) => texts.get(from) ?? from);
}

async function start(
  cleanup: Cleanup,
  program: string,
  args: readonly string[],
  directory: string,
  { port }: TlsProxyOptions,
): Promise<void> {
  const home = join(directory, "home");
  mkdirSync(home);
  const child = spawn(program, args, {
    stdio: ["ignore", "ignore", "pipe"],
    env: { PATH: process.env["PATH"], HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home },
  });
  const exited = once(child, "close");
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  cleanup.add(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`${program} ended:\n${said}`);
    const response = await fetch(`https://localhost:${port}/healthz`).catch(() => undefined);
    await response?.arrayBuffer();
    return response?.status === 200;
  }, `${program} in front of the hub`).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${said}`);
  });
}
