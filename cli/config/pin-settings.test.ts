import { expect, test } from "vitest";
import { declarationOf, isSettingName } from "@leapmux/hub/settings/hub-settings.ts";
import type { Environment } from "./environment.ts";
import { loadSettings } from "./load-settings.ts";
import { pinSettings } from "./pin-settings.ts";
import { fileKey, hubSettings } from "./settings.ts";

const environment = (variables: Record<string, string>): Environment => ({
  variables,
  workingDir: "/nowhere",
  homeDir: "/nowhere",
  configHome: "/nowhere",
  noColor: true,
  hasScreen: false,
});

test("what was written is pinned with its place, what is built in is not", () => {
  const { values, sources } = loadSettings(
    hubSettings,
    new Map([["loginIdleTime", "1800"]]),
    environment({ LEAPMUX_HUB_SIGNUP_ENABLED: "yes" }),
  );
  expect(pinSettings(values, sources)).toEqual({
    login_idle_time: { text: "1800s", source: "--login-idle-time" },
    signup_enabled: { text: "true", source: "LEAPMUX_HUB_SIGNUP_ENABLED" },
  });
});

test("every flag that is also a setting is understood by the hub as it is pinned", () => {
  const typed = new Map([
    ["signupEnabled", "on"],
    ["loginIdleTime", "12h"],
    ["smtpHost", "[::1]"],
    ["smtpPort", "465"],
    ["smtpUsername", "hub"],
    ["smtpPassword", "secret"],
    ["smtpFromAddress", "hub@mail.example"],
    ["smtpTlsMode", "smtps"],
  ]);

  const both = Object.keys(hubSettings.table).filter((name) => isSettingName(fileKey(name)));
  expect([...typed.keys()].sort()).toEqual(both.sort());
  const { values, sources } = loadSettings(hubSettings, typed, environment({}));
  const pinned = pinSettings(values, sources);
  for (const [name, entry] of Object.entries(pinned)) {
    if (!isSettingName(name)) throw new Error(`${name} is no setting`);
    expect(declarationOf(name).kind.parse(entry.text), name).toMatchObject({ ok: true });
  }
});
