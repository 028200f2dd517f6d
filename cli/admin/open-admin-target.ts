// Which hub a command is about, and the way to its services: over the data directory, beside a running hub
// or without one, or over the network with the token of an admin. The token is never a flag.
import { existsSync } from "node:fs";
import path from "node:path";
import { createRouterTransport, type Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { passphraseAsker } from "../ask-passphrase.ts";
import { CommandError } from "../command-error.ts";
import type { Environment } from "../config/environment.ts";
import { loadSettings } from "../config/load-settings.ts";
import { pinSettings } from "../config/pin-settings.ts";
import { readSecretFile } from "../config/read-secret-file.ts";
import { hubSettings } from "../config/settings.ts";
import { httpOrigin } from "../config/value-types.ts";
import { requireTls } from "../local/require-tls.ts";
import { makeStoredLogins } from "../local/stored-logins.ts";
import { keyWrapping } from "../key-wrapping.ts";
import type { Output } from "../output.ts";
import { lostKeys } from "../start-hub.ts";
import { readVersion } from "../version.ts";
import type { LocalHub } from "./admin-command.ts";
import type { AdminFlags } from "./admin-flags.ts";

export interface AdminTarget {
  readonly transport: Transport;
  /** How messages call it. */
  readonly name: string;
  readonly hubUrl: string;
  readonly local: LocalHub | null;
  close(): Promise<void>;
}

const maxAnswerBytes = 4 * 1024 * 1024;
const timeoutMs = 60_000;

export async function openAdminTarget(
  flags: AdminFlags,
  environment: Environment,
  output: Output,
  needsKeys: boolean,
): Promise<AdminTarget> {
  const url = flags.text("hub");
  if (url === undefined) {
    const online = ["token-file", "allow-http"].find((name) => flags.has(name));
    if (online !== undefined) throw onlyWith(online, "--hub");
    return await openDirectory(flags, environment, output, needsKeys);
  }
  const offline = ["data-dir", "config"].find((name) => flags.has(name));
  if (offline !== undefined) {
    throw new CommandError(
      "usage",
      `both --hub and --${offline} are given: a command is about one hub`,
    );
  }
  return openUrl(url, flags, environment);
}

function openUrl(text: string, flags: AdminFlags, environment: Environment): AdminTarget {
  const parsed = httpOrigin.safeParse(text);
  if (!parsed.success) {
    throw new CommandError("usage", `--hub ${parsed.error.issues[0]?.message ?? "is not valid"}`);
  }
  const hub = parsed.data;
  if (!flags.has("allow-http")) requireTls(hub, "token");
  const token = findToken(hub, flags, environment);
  return {
    name: hub,
    hubUrl: hub,
    local: null,
    transport: createConnectTransport({
      baseUrl: hub,
      httpVersion: "1.1",
      useBinaryFormat: true,
      readMaxBytes: maxAnswerBytes,
      defaultTimeoutMs: timeoutMs,
      acceptCompression: [],
      interceptors: [
        (next) => (request) => {
          request.header.set("user-agent", `leapmux/${readVersion()}`);
          request.header.set("authorization", `Bearer ${token}`);
          return next(request);
        },
      ],
    }),
    close: () => Promise.resolve(),
  };
}

function findToken(
  hub: string,
  flags: AdminFlags,
  { variables, configHome, workingDir }: Environment,
) {
  const own = variables["LEAPMUX_ADMIN_TOKEN"] ?? "";
  const file = variables["LEAPMUX_ADMIN_TOKEN_FILE"] ?? "";
  const typed = flags.text("token-file");
  if (typed !== undefined) return readToken(path.resolve(workingDir, typed), "--token-file");
  if (own !== "" && file !== "") {
    throw new CommandError(
      "usage",
      "both LEAPMUX_ADMIN_TOKEN and LEAPMUX_ADMIN_TOKEN_FILE are set: unset one of them",
    );
  }
  if (own !== "") return checkToken(own, "LEAPMUX_ADMIN_TOKEN");
  if (file !== "") return readToken(path.resolve(workingDir, file), "LEAPMUX_ADMIN_TOKEN_FILE");
  const { loginToken } = makeStoredLogins(configHome).read(hub);
  if (loginToken !== undefined) return loginToken;
  throw new CommandError(
    "usage",
    `there is no token for ${hub}`,
    `Set LEAPMUX_ADMIN_TOKEN_FILE, give --token-file, or log in: leapmux login ${hub}`,
  );
}

function readToken(file: string, source: string): string {
  return checkToken(readSecretFile(file, source).trim(), source);
}

/** What is none is not sent anywhere, and not repeated either. */
function checkToken(text: string, source: string): string {
  if (/^lm[a-z]_[\w-]{20,400}$/.test(text)) return text;
  throw new CommandError("usage", `${source} holds no token of a LeapMux hub`);
}

/** Where a hub of this machine keeps its data, which need not be there yet, and its settings. */
export function findLocalHub(flags: AdminFlags, environment: Environment): LocalHub {
  const { values } = loadSettings(hubSettings, typedSettings(flags), environment);
  const { workingDir } = environment;
  const below = path.join(values.dataDir, "hub");
  // Of dev and solo, which keep their worker beside it.
  const isBelow = !existsSync(path.join(values.dataDir, "hub.db")) && existsSync(below);
  return { dataDir: isBelow ? below : values.dataDir, settings: values, workingDir };
}

function typedSettings(flags: AdminFlags): ReadonlyMap<string, string> {
  return new Map(
    ["dataDir", "config"].flatMap((name) => {
      const value = flags.text(name === "dataDir" ? "data-dir" : name);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

async function openDirectory(
  flags: AdminFlags,
  environment: Environment,
  output: Output,
  needsKeys: boolean,
): Promise<AdminTarget> {
  const { values, sources } = loadSettings(hubSettings, typedSettings(flags), environment);
  const dataDir = findDataDir(values.dataDir, environment);
  const { makeAdminConsole } = await import("@leapmux/hub/make-admin-console.ts");
  const hubUrl = values.publicUrl ?? `http://localhost:${values.listen.port}`;
  const logger = output.logger("warn");
  const opened = await makeAdminConsole({
    ...{ dataDir, logger, hubUrl, needsKeys },
    keyWrapping: keyWrapping(values, askPassphrase),
    pinnedSettings: pinSettings(values, sources),
    allowLoopbackProviders: values.allowLoopbackProviders,
  }).catch((error: unknown) => {
    if (!(error instanceof Error && lostKeys.has(error.name))) throw error;
    throw new CommandError("failure", error.message, undefined, error);
  });
  return {
    name: dataDir,
    hubUrl,
    local: { dataDir, settings: values, workingDir: environment.workingDir },
    transport: createRouterTransport((router) => opened.routes(router)),
    close: () => opened.close(),
  };
}

/** Only where a command needs the keys, and only then an error where nobody can be asked. */
export async function askPassphrase(): Promise<string> {
  const ask = passphraseAsker();
  if (ask !== null) return await ask("Passphrase of encryption.key");
  const message =
    "the passphrase of encryption.key is needed and there is no terminal to ask on: set LEAPMUX_HUB_ENCRYPTION_KEY_PASSPHRASE_FILE";
  throw Object.assign(new Error(message), { name: "KeyRingError" });
}

/** Of `leapmux hub` itself; of dev and solo, which keep their worker beside it, one level down. */
function findDataDir(dir: string, { configHome }: Environment): string {
  const holdsHub = (place: string): boolean => existsSync(path.join(place, "hub.db"));
  const found = [dir, path.join(dir, "hub")].find(holdsHub);
  if (found !== undefined) return found;
  const others = ["hub", "dev", "solo"]
    .map((kind) => path.join(configHome, "leapmux", kind))
    .filter((place) => holdsHub(place) || holdsHub(path.join(place, "hub")));
  const next =
    others.length === 0
      ? "Name the data directory of a hub with --data-dir, or a hub with --hub."
      : `There is one in ${others.join(" and in ")}: name it with --data-dir.`;
  throw new CommandError("failure", `no hub has run with the data directory ${dir}`, next);
}

function onlyWith(flag: string, other: string): CommandError {
  return new CommandError("usage", `--${flag} means nothing without ${other}`);
}
