// Starts a hub on behalf of `solo`, `hub` and `dev`, and turns what the operating system says about the
// address into a message with a next step.
import { checkMailSettings } from "@leapmux/hub/config/mail-settings.ts";
import type { Hub } from "@leapmux/hub/context.ts";
import { passphraseAsker } from "./ask-passphrase.ts";
import { pinSettings } from "./config/pin-settings.ts";
import { buildFrontend } from "./build-frontend.ts";
import { CommandError } from "./command-error.ts";
import { describeSocketPlace } from "./describe-socket-place.ts";
import type { devSettings, hubSettings, SettingValues, soloSettings } from "./config/settings.ts";
import { formatAddress } from "./config/value-types.ts";
import { keyWrapping } from "./key-wrapping.ts";
import type { Output } from "./output.ts";
import { readMetricsAccess } from "./read-metrics-access.ts";
import type { StopRequest } from "./stop-request.ts";
import { readVersion } from "./version.ts";

type Logger = ReturnType<Output["logger"]>;

/**
 * For what waits for slow clients when the hub stops. Together with the end of the shells (solo) and of the
 * sockets it must fit the budget of stop-request, or one client that does not read makes a stop a failure.
 */
const drainMs = 5_000;

/** Errors of the hub whose message says which file and what to do; by name, because its code loads late. */
export const lostKeys: ReadonlySet<string> = new Set([
  "LostSecretError",
  "KeyRingError",
  "UnfinishedRestoreError",
  "NewerDatabaseError",
  "KeyFilesBusyError",
  "AuditKeyError",
]);

export interface StartHubOptions {
  dataDir: string;
  logger: Logger;
  output: Output;
  stop: StopRequest;
}

export type SettingsWithLogins =
  | SettingValues<typeof hubSettings.table>
  | SettingValues<typeof devSettings.table>;

type KindWithSettings =
  | { kind: "solo"; settings: SettingValues<typeof soloSettings.table> }
  | {
      kind: "hub" | "dev";
      settings: SettingsWithLogins;
      /** Where each of them was written, by name. */
      sources: ReadonlyMap<string, string>;
    };

export async function startHub(options: StartHubOptions & KindWithSettings): Promise<Hub> {
  const { kind, settings, dataDir, logger, output, stop } = options;
  const { listen, devFrontend, apiTimeoutSeconds } = settings;
  const localListen = "localListen" in settings ? settings.localListen : undefined;
  // Before anything is built or opened: it may be refused.
  const metrics = readMetricsAccess(settings);
  const logins = options.kind === "solo" ? {} : loginOptions(options);
  const frontend =
    devFrontend === undefined
      ? { frontendDir: await buildFrontend(output, stop.signal) }
      : { trustedOrigins: [devFrontend] };
  const { createHub } = await import("@leapmux/hub/context.ts");
  const { SocketPlaceError } = await import("@leapmux/hub/ops/socket-file.ts");
  try {
    const hub = await createHub({
      kind,
      listen,
      localListen,
      dataDir,
      logger,
      version: readVersion(),
      limits: {
        maxMessageBytes: settings.maxMessageSize,
        requestTimeoutMs: apiTimeoutSeconds * 1000,
        openingTimeoutMs: apiTimeoutSeconds * 1000,
        drainMs,
      },
      metrics,
      ...frontend,
      ...logins,
    });
    if (hub.formerDatabase !== null) {
      output.print(
        `The database is of this version now. To go back: stop, install the former version, and put ${hub.formerDatabase} in the place of hub.db.`,
      );
    }
    return hub;
  } catch (error) {
    if (error instanceof Error && lostKeys.has(error.name)) {
      throw new CommandError("failure", error.message, undefined, error);
    }
    if (error instanceof SocketPlaceError) throw describeSocketPlace(error);
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const address = formatAddress(listen);
    const { port } = listen;
    switch (code) {
      case "EADDRINUSE":
        throw new CommandError(
          "failure",
          `${address} is already in use`,
          `Stop what uses it, or choose another port: --listen 127.0.0.1:${port === 65_535 ? 4327 : port + 1}`,
          error,
        );
      case "EACCES":
        throw new CommandError(
          "failure",
          `no permission to listen on ${address}`,
          "Ports below 1024 are reserved; choose a higher one with --listen.",
          error,
        );
      case "EADDRNOTAVAIL":
      case "ENOTFOUND":
        throw new CommandError(
          "failure",
          `this machine has no address ${listen.host}`,
          "Choose one that it has with --listen, for example 127.0.0.1:4327.",
          error,
        );
      default:
        throw error;
    }
  }
}

function loginOptions({
  settings,
  sources,
}: {
  readonly settings: SettingsWithLogins;
  readonly sources: ReadonlyMap<string, string>;
}) {
  // What is typed about mail has to fit together by itself; the rest may stand in the database.
  const mail = checkMailSettings(settings);
  if (!mail.ok) throw new CommandError("usage", mail.message);
  const ask = passphraseAsker();
  return {
    keyWrapping: keyWrapping(
      settings,
      ask === null ? null : () => ask("Passphrase of encryption.key"),
    ),
    publicUrl: settings.publicUrl,
    allowLoopbackProviders: settings.allowLoopbackProviders,
    trustedProxies: settings.trustedProxies ?? [],
    pinnedSettings: pinSettings(settings, sources),
  };
}
