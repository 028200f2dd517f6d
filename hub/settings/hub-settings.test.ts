import { expect, test } from "vitest";
import { makeHubLimits } from "../config/hub-limits.ts";
import { declarationOf, isSettingName, settingNames } from "./hub-settings.ts";

test("each built-in value is one of its own range, in the form in which it is kept", () => {
  for (const name of settingNames) {
    const { kind, builtIn } = declarationOf(name);
    expect(kind.parse(builtIn), name).toMatchObject({ ok: true, text: builtIn });
  }
});

test("each has a name as keys of files have, a sentence, and a rule that it refuses by", () => {
  for (const name of settingNames) {
    const { kind, sentence } = declarationOf(name);
    expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(sentence.length).toBeGreaterThan(10);
    const refused = kind.parse("\0");
    expect(refused, name).toMatchObject({ ok: false });
    if (!refused.ok) expect(refused.rule).toMatch(/^must be /);
  }
  expect([isSettingName("constructor"), isSettingName("listen")]).toEqual([false, false]);
});

test("a bound that a setting moves has the same built-in value", () => {
  const limits = makeHubLimits();
  for (const name of settingNames) {
    const { kind, builtIn, limits: moved = [] } = declarationOf(name);
    const parsed = kind.parse(builtIn);
    for (const limit of moved) expect(parsed.ok && parsed.value, name).toBe(limits[limit]);
  }
});

test("ranges hold at both ends", () => {
  const parse = (name: (typeof settingNames)[number], text: string) =>
    declarationOf(name).kind.parse(text).ok;
  expect(
    ["4m", "5m", "299s", "300s", "365d", "366d", "1.5h", "-5m", "5", "1e9d"].map((text) =>
      parse("login_idle_time", text),
    ),
  ).toEqual([...[false, true, false, true, true, false, false, false, false, false]]);
  expect(
    ["0", "1", "4096", "4097", "1.0", "0x10", "", " 7 "].map((text) =>
      parse("max_channels_per_login", text),
    ),
  ).toEqual([...[false, true, true, false, false, false, false, true]]);
  expect(["yes", "OFF", "maybe", ""].map((text) => parse("signup_enabled", text))).toEqual([
    ...[true, true, false, false],
  ]);
  expect(
    ["mail.example", "::1", "mail.example:25", "a b", "\u0007"].map((text) =>
      parse("smtp_host", text),
    ),
  ).toEqual([...[true, true, false, false, false]]);
  expect(["a@b.example", "a", "a@b\r\nc"].map((text) => parse("smtp_from_address", text))).toEqual([
    ...[true, false, false],
  ]);
  expect(parse("smtp_password", "x".repeat(257))).toBe(false);
});
