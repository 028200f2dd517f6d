// built-in < file < environment < flags, for every key of every command: the tables below hold three
// different values of each setting, and a setting without them fails the test.
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { Environment } from "@leapmux/cli/config/environment.ts";
import { loadSettings } from "@leapmux/cli/config/load-settings.ts";
import {
  type CommandSettings,
  everyCommand,
  fileKey,
  variableName,
} from "@leapmux/cli/config/settings.ts";
import { cleanupAfterTest } from "../harness/cleanup.ts";
import { makeTemporaryDirectory } from "../harness/temporary-directory.ts";

/** For each setting: text for file, variable and flag. */
const samples: Readonly<Record<string, [string, string, string]>> = {
  listen: ["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"],
  dataDir: ["/from/file", "/from/variable", "/from/flag"],
  logLevel: ["debug", "warn", "error"],
  link: ["grpc", "websocket", "auto"],
  encryptionMode: ["classic", "pq", "classic"],
  maxMessageSize: ["1MiB", "2MiB", "3MiB"],
  apiTimeoutSeconds: ["1", "2", "3"],
  open: ["true", "false", "true"],
  devFrontend: ["http://a:1", "http://a:2", "http://a:3"],
  publicUrl: ["https://a", "https://b", "https://c"],
  signupEnabled: ["true", "false", "true"],
  allowLoopbackProviders: ["true", "false", "true"],
  loginIdleTime: ["5m", "12h", "30d"],
  trustedProxies: ["10.0.0.1", "10.0.0.0/8,fd00::/8", "10.0.0.3"],
  smtpHost: ["a.example", "192.0.2.1", "[::1]"],
  smtpPort: ["25", "465", "587"],
  smtpUsername: ["one", "two", "three"],
  smtpPassword: ["", "pass2", "pass3"],
  smtpFromAddress: ["a@a.example", "b@a.example", "c@a.example"],
  smtpTlsMode: ["none", "implicit", "starttls"],
  encryptionKeyWrap: ["file", "passphrase", "command"],
  encryptionKeyWrapFile: ["/kek/1", "/kek/2", "/kek/3"],
  encryptionKeyWrapCommand: ["kms get one", '["kms", "get two"]', "kms"],
  encryptionKeyPassphrase: ["", "correct horse 2", "correct horse 3"],
  hub: ["http://a:1", "http://a:2", "http://a:3"],
  registrationKey: ["", "key2", "key3"],
  name: ["one", "two", "three"],
  clientAuth: ["hub", "paired", "hub"],
  localListen: ["unix:/a/1", "unix:/a/2", "unix:/a/3"],
  metrics: ["loopback", "token", "off"],
  metricsTokenFile: ["/metrics/1", "/metrics/2", "/metrics/3"],
  logRedactPatterns: ["a=one", "b=two", "c=three"],
  useLoginShell: ["false", "true", "false"],
  dbCacheSize: ["1MiB", "2MiB", "3MiB"],
  dbMmapSize: ["1MiB", "2MiB", "3MiB"],
};

function makeEnvironment(configHome: string, variables: Record<string, string> = {}): Environment {
  return {
    variables,
    workingDir: "/some/dir",
    homeDir: "/home/somebody",
    configHome,
    noColor: true,
    hasScreen: false,
  };
}

const cases = everyCommand.flatMap((settings) =>
  Object.entries(settings.table)
    .filter(([, setting]) => setting.refused === undefined && setting.holds === undefined)
    .map(([name, setting]) => ({ command: settings.command, name, settings, setting })),
);

describe("precedence", () => {
  test.each(cases)("$command: $name", async ({ name, settings, setting }) => {
    const texts = samples[name];
    if (texts === undefined) throw new Error(`no samples for ${name}`);
    const [inFile, inVariable, typed] = texts;
    const [fromFile, fromVariable, fromFlag] = texts.map((text) => {
      return text === "" ? undefined : setting.kind.parse(text);
    });
    const home = await makeTemporaryDirectory(cleanupAfterTest());
    const load = (variables: Record<string, string>, flags: [string, string][]): unknown =>
      valueOf(settings, name, flags, makeEnvironment(home, variables));

    const builtIn = load({}, []);
    if (setting.builtIn === undefined) expect(builtIn).toBeUndefined();
    else expect(builtIn).not.toBeUndefined();

    if (setting.secret !== true) {
      mkdirSync(path.join(home, "leapmux", settings.command), { recursive: true });
      const file = path.join(home, "leapmux", settings.command, "config.yaml");
      writeFileSync(file, `${fileKey(name)}: ${JSON.stringify(inFile)}\n`);
      expect(load({}, [])).toEqual(fromFile);
    }
    const variables = { [variableName(settings, name)]: inVariable };
    expect(load(variables, [])).toEqual(fromVariable);
    expect(load(variables, [[name, typed]])).toEqual(fromFlag);
    // An empty variable is no variable.
    expect(load({ [variableName(settings, name)]: "" }, [[name, typed]])).toEqual(fromFlag);
  });

  test("a relative data directory starts at the file that names it, a typed one at the current folder", async () => {
    const home = await makeTemporaryDirectory(cleanupAfterTest());
    const file = path.join(home, "sub", "mine.yaml");
    mkdirSync(path.dirname(file));
    writeFileSync(file, "data_dir: data\n");
    const load = (flags: [string, string][], variables = {}) =>
      loadSettings(
        everyCommand[0] as CommandSettings,
        new Map(flags),
        makeEnvironment(home, variables),
      );
    expect(load([["config", file]]).values["dataDir"]).toBe(path.join(home, "sub", "data"));
    expect(load([], { LEAPMUX_HUB_CONFIG: file }).values["dataDir"]).toBe(
      path.join(home, "sub", "data"),
    );
    expect(
      load([
        ["config", file],
        ["dataDir", "data"],
      ]).values["dataDir"],
    ).toBe("/some/dir/data");
    expect(load([["dataDir", "~/data"]]).values["dataDir"]).toBe("/home/somebody/data");
    expect(load([]).values["dataDir"]).toBe(path.join(home, "leapmux", "solo"));
  });

  test("a variable that no command knows is warned about, one of a sister command is not", async () => {
    const home = await makeTemporaryDirectory(cleanupAfterTest());
    const variables = { LEAPMUX_HUB_LISTN: "x", LEAPMUX_HUB_OPEN: "true", LEAPMUX_OTHER: "x" };
    const hub = everyCommand.find((each) => each.command === "hub");
    if (hub === undefined) throw new Error("no hub");
    expect(loadSettings(hub, new Map(), makeEnvironment(home, variables)).warnings).toEqual([
      "LEAPMUX_HUB_LISTN is not a setting and has no effect; did you mean LEAPMUX_HUB_LISTEN?",
    ]);
  });
});

function valueOf(
  settings: CommandSettings,
  name: string,
  flags: [string, string][],
  environment: Environment,
): unknown {
  return loadSettings(settings, new Map(flags), environment).values[name];
}
