import { SettingSource } from "@leapmux/proto/hub/v1/admin_settings_pb.ts";
import { expect, test } from "vitest";
import {
  choicesOf,
  describeRange,
  describeSource,
  groupOfSetting,
  splitMessage,
  titleOfSetting,
} from "./describe-setting.ts";

test("a name becomes a title, and has a group by what it is", () => {
  expect(titleOfSetting("smtp_tls_mode")).toBe("SMTP TLS mode");
  expect(titleOfSetting("max_workers_per_user")).toBe("Max workers per user");
  expect(groupOfSetting({ name: "smtp_port", kind: "number" })).toBe("Mail");
  expect(groupOfSetting({ name: "max_workers_per_user", kind: "number" })).toBe("Limits");
  expect(groupOfSetting({ name: "signup_enabled", kind: "switch" })).toBe("Accounts and logins");
});

test("choices and ranges are read from how the hub writes them", () => {
  expect(choicesOf("starttls, implicit or none")).toEqual(["starttls", "implicit", "none"]);
  expect(choicesOf("")).toEqual([]);
  const time = { kind: "time", range: "5m to 365d", unit: "s, m, h or d" };
  expect(describeRange(time)).toBe("5m to 365d (s, m, h or d)");
  expect(describeRange({ kind: "switch", range: "true or false", unit: "" })).toBe("");
});

test("where a value comes from; what a secret was built in as is nobody's business", () => {
  const setting = { pinnedAt: "", builtIn: "false", secret: false, kind: "switch" };
  expect(describeSource({ ...setting, source: SettingSource.BUILT_IN })).toBe("built in");
  expect(describeSource({ ...setting, source: SettingSource.DATABASE })).toBe("built in: off");
  expect(
    describeSource({ ...setting, source: SettingSource.PINNED, pinnedAt: "--signup-enabled" }),
  ).toBe("Pinned by --signup-enabled: change it there");
  const secret = { ...setting, source: SettingSource.DATABASE, secret: true, kind: "secret" };
  expect(describeSource(secret)).toBe("");
});

test("what the hub says of one setting is found by its whole name", () => {
  const names = ["smtp_port", "login_idle_time"];
  expect(splitMessage("login_idle_time must be from 5m to 365d", names)).toEqual({
    name: "login_idle_time",
    text: "Must be from 5m to 365d.",
  });
  expect(splitMessage("smtp_portal must be", names)).toBeUndefined();
  expect(splitMessage("the hub cannot be reached", names)).toBeUndefined();
});
