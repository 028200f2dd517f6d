// One table per command: name, kind, built-in value and description of every setting. The flag, the
// variable and the key in the file all follow from the name, so help, documents and loading cannot differ.
import { hubSettings as declared, type SettingName } from "@leapmux/hub/settings/hub-settings.ts";
import type { z } from "zod";
import { noAgents, noWorktrees, oneMessage, onePool } from "./refused-settings.ts";
import {
  addressList,
  clientAuthChoice,
  commandLine,
  directory,
  encryptionMode,
  filePath,
  hostName,
  httpOrigin,
  hubAddress,
  idleTime,
  keyWrapChoice,
  linkChoice,
  listenAddress,
  localAddress,
  logLevel,
  mailAddress,
  mailTlsMode,
  memorySize,
  messageSize,
  metricsChoice,
  onOff,
  openBrowserChoice,
  portNumber,
  redactPatterns,
  seconds,
  secret,
  workerName,
} from "./value-types.ts";

export interface Setting<Value = unknown> {
  kind: z.ZodType<Value, string>;
  /** As somebody would type it; absent when there is none. */
  builtIn?: string;
  description: string;
  /** How help calls the value; a setting without one is a switch. */
  placeholder?: string;
  /** Never in the file and never repeated: too easily read by others. */
  secret?: true;
  /** A file that holds the value of this secret setting instead. */
  holds?: string;
  /** Set only to be refused, with this message: it belongs to another mode. */
  refused?: string;
}

export type SettingsTable = Readonly<Record<string, Setting>>;
export type SettingValues<Table extends SettingsTable> = {
  -readonly [Name in keyof Table]: Table[Name] extends { builtIn: string }
    ? z.output<Table[Name]["kind"]>
    : z.output<Table[Name]["kind"]> | undefined;
};

export interface CommandSettings<Table extends SettingsTable = SettingsTable> {
  command: "solo" | "hub" | "worker" | "dev";
  envPrefix: "LEAPMUX_HUB_" | "LEAPMUX_WORKER_";
  table: Table;
}

/** Every secret setting also comes out of a file; `cli/config/settings.test.ts` holds that. */
const heldByFile = (holds: string, description: string) => ({
  kind: filePath,
  description: `File that holds ${description}, mode 0600; instead of it`,
  placeholder: "FILE",
  holds,
});
const localListen = {
  kind: localAddress,
  description: "Also serve on this socket, for programs of the same user, such as a worker",
  placeholder: "unix:PATH",
};
const dataDir = (command: string) => ({
  kind: directory,
  builtIn: `~/.config/leapmux/${command}`,
  description: "Where keys and state live; kept readable by you alone",
  placeholder: "DIR",
});
const level = {
  kind: logLevel,
  builtIn: "info",
  description: "How much to log: trace, debug, info, warn, error, fatal or silent",
  placeholder: "LEVEL",
};
const logRedactPatterns = {
  kind: redactPatterns,
  description:
    "What the log must not show besides tokens and keys: a line for each, name=pattern, in the syntax of RE2",
  placeholder: "LINES",
};
const metrics = {
  metrics: {
    kind: metricsChoice,
    builtIn: "off",
    description:
      "Who may read /metrics: nobody (off), programs on this machine (loopback), or who has the token",
    placeholder: "WHO",
  },
  metricsTokenFile: {
    kind: directory,
    description: "File with that token, 16 characters at least, which nobody else may read",
    placeholder: "FILE",
  },
};
const mode = {
  kind: encryptionMode,
  builtIn: "post-quantum",
  description: "Handshake of the worker: post-quantum (also pq) or classic",
  placeholder: "MODE",
};
const maxMessageSize = {
  kind: messageSize,
  builtIn: "16MiB",
  description: "Largest message inside a channel, 64KiB to 64MiB; 0 takes the built-in value",
  placeholder: "SIZE",
};
const devFrontend = {
  kind: httpOrigin,
  description: "Trust the pages of this development server instead of serving built ones",
  placeholder: "URL",
};
const apiTimeoutSeconds = {
  kind: seconds,
  builtIn: "10s",
  description: "How long a control call may take to arrive, and a worker to answer an opening",
  placeholder: "TIME",
};
const useLoginShell = {
  kind: onOff,
  builtIn: "true",
  description: "Start shells as login shells, which read the profile of the user",
};

export const soloSettings = {
  command: "solo",
  envPrefix: "LEAPMUX_HUB_",
  table: {
    listen: {
      kind: listenAddress,
      builtIn: "127.0.0.1:4327",
      description: "Address and port to serve on; there is no login, so keep it on this machine",
      placeholder: "HOST:PORT",
    },
    dataDir: dataDir("solo"),
    logLevel: level,
    logRedactPatterns,
    encryptionMode: mode,
    maxMessageSize,
    apiTimeoutSeconds,
    open: {
      kind: openBrowserChoice,
      builtIn: "auto",
      description: "Open the browser once ready; by itself only where a screen is",
    },
    useLoginShell,
    devFrontend,
    ...metrics,
    storageSqliteMaxConns: onePool,
    maxIncompleteChunked: oneMessage,
    agentStartupTimeoutSeconds: noAgents,
    worktreeCreateTimeoutSeconds: noWorktrees,
    publicUrl: {
      kind: httpOrigin,
      description: "Not available in solo mode",
      placeholder: "URL",
      refused:
        "solo mode has no public address: everybody who reaches it is its administrator. Put an SSH tunnel in front of it, or run `leapmux hub`",
    },
  },
} satisfies CommandSettings;

/** A setting of the hub's database that can be typed here too, and then stands above it. */
function ofHub(name: SettingName): { builtIn: string; description: string } {
  const { builtIn, sentence } = declared[name];
  return { builtIn, description: sentence };
}

/** What only hubs with logins know. */
const withLogins = {
  localListen,
  ...metrics,
  publicUrl: {
    kind: httpOrigin,
    description:
      "Where people reach the hub through a proxy, for example https://leapmux.example; with https its cookies are secure",
    placeholder: "URL",
  },
  signupEnabled: { kind: onOff, ...ofHub("signup_enabled") },
  loginIdleTime: { kind: idleTime, ...ofHub("login_idle_time"), placeholder: "TIME" },
  trustedProxies: {
    kind: addressList,
    description:
      "Addresses or networks of proxies on other machines whose X-Forwarded-For is believed, between commas",
    placeholder: "LIST",
  },
  allowLoopbackProviders: {
    kind: onOff,
    builtIn: "false",
    description:
      "Let providers of sign-in be on this machine, without TLS; for trying things out only",
  },
  smtpHost: {
    kind: hostName,
    description: declared.smtp_host.sentence,
    placeholder: "HOST",
  },
  smtpPort: {
    kind: portNumber,
    ...ofHub("smtp_port"),
    placeholder: "PORT",
  },
  smtpUsername: {
    kind: secret,
    description: declared.smtp_username.sentence,
    placeholder: "NAME",
  },
  smtpPassword: {
    kind: secret,
    description:
      "Password for that; other users of the machine can read flags, so prefer the variable",
    placeholder: "PASSWORD",
    secret: true as const,
  },
  smtpPasswordFile: heldByFile("smtpPassword", "the password"),
  smtpFromAddress: {
    kind: mailAddress,
    description: declared.smtp_from_address.sentence,
    placeholder: "ADDRESS",
  },
  smtpTlsMode: {
    kind: mailTlsMode,
    ...ofHub("smtp_tls_mode"),
    placeholder: "MODE",
  },
  encryptionKeyWrap: {
    kind: keyWrapChoice,
    builtIn: "none",
    description: "What encryption.key is wrapped with: none, file, passphrase or command",
    placeholder: "HOW",
  },
  encryptionKeyWrapFile: {
    kind: filePath,
    description:
      "With file: where the wrapping key lies, 32 bytes or these in base64 or hex, mode 0600",
    placeholder: "FILE",
  },
  encryptionKeyWrapCommand: {
    kind: commandLine,
    description:
      "With command: a program and its arguments that prints such a key, as a KMS does; no shell reads it",
    placeholder: "COMMAND",
  },
  encryptionKeyPassphrase: {
    kind: secret,
    description: "With passphrase: that; asked for at a terminal where it is not set",
    placeholder: "PASSPHRASE",
    secret: true as const,
  },
  encryptionKeyPassphraseFile: heldByFile("encryptionKeyPassphrase", "the passphrase"),
};

const everywhere = {
  kind: listenAddress,
  builtIn: ":4327",
  description: "Address and port to serve on; put a proxy with TLS in front for other machines",
  placeholder: "HOST:PORT",
};

export const hubSettings = {
  command: "hub",
  envPrefix: "LEAPMUX_HUB_",
  table: {
    listen: everywhere,
    ...withLogins,
    dataDir: dataDir("hub"),
    logLevel: level,
    logRedactPatterns,
    maxMessageSize,
    apiTimeoutSeconds,
    devFrontend,
    storageSqliteMaxConns: onePool,
    maxIncompleteChunked: oneMessage,
  },
} satisfies CommandSettings;

export const devSettings = {
  command: "dev",
  envPrefix: "LEAPMUX_HUB_",
  table: {
    listen: everywhere,
    ...withLogins,
    dataDir: dataDir("dev"),
    logLevel: level,
    logRedactPatterns,
    encryptionMode: mode,
    maxMessageSize,
    apiTimeoutSeconds,
    useLoginShell,
    devFrontend,
    storageSqliteMaxConns: onePool,
    maxIncompleteChunked: oneMessage,
    agentStartupTimeoutSeconds: noAgents,
    worktreeCreateTimeoutSeconds: noWorktrees,
  },
} satisfies CommandSettings;

const clientAuth = {
  kind: clientAuthChoice,
  builtIn: "paired",
  description:
    "Who may call: paired devices that prove it with a key of their own, or whomever the hub names",
  placeholder: "HOW",
};

export const workerSettings = {
  command: "worker",
  envPrefix: "LEAPMUX_WORKER_",
  table: {
    hub: {
      kind: hubAddress,
      builtIn: "http://127.0.0.1:4327",
      description: "The hub to link to: http://, https://, or unix: and the path of its socket",
      placeholder: "URL",
    },
    registrationKey: {
      kind: secret,
      description:
        "Key out of the browser (Register a worker), needed once; other users of the machine can read flags, so prefer the variable",
      placeholder: "KEY",
      secret: true,
    },
    registrationKeyFile: heldByFile("registrationKey", "the key"),
    name: {
      kind: workerName,
      builtIn: "worker",
      description: "What people call this worker; the hub sees it, so the host name is not taken",
      placeholder: "NAME",
    },
    dataDir: dataDir("worker"),
    logLevel: level,
    logRedactPatterns,
    encryptionMode: mode,
    link: {
      kind: linkChoice,
      builtIn: "auto",
      description:
        "How to reach the hub: grpc, websocket where a proxy breaks HTTP/2, or auto to find out",
      placeholder: "WAY",
    },
    clientAuth,
    maxMessageSize,
    useLoginShell,
    dbCacheSize: {
      kind: memorySize,
      builtIn: "0",
      description: "Memory that SQLite may use for pages of worker.db; 0 leaves it to SQLite",
      placeholder: "SIZE",
    },
    dbMmapSize: {
      kind: memorySize,
      builtIn: "0",
      description: "How much of worker.db to read through a memory map; 0 is none",
      placeholder: "SIZE",
    },
    dbMaxConns: onePool,
    maxIncompleteChunked: oneMessage,
    agentStartupTimeoutSeconds: noAgents,
    worktreeCreateTimeoutSeconds: noWorktrees,
  },
} satisfies CommandSettings;

export const everyCommand: readonly CommandSettings[] = [
  soloSettings,
  hubSettings,
  workerSettings,
  devSettings,
];

/** `dataDir` → `data-dir`, what is typed behind the two dashes. */
export function flagName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `dataDir` → `data_dir`, the key in the file. */
export function fileKey(name: string): string {
  return flagName(name).replaceAll("-", "_");
}

/** `dataDir` → `LEAPMUX_HUB_DATA_DIR`. */
export function variableName(settings: CommandSettings, name: string): string {
  return settings.envPrefix + fileKey(name).toUpperCase();
}
