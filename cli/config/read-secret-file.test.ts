import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Environment } from "./environment.ts";
import { loadSettings } from "./load-settings.ts";
import { everyCommand, hubSettings, variableName, workerSettings } from "./settings.ts";

let home: string;
let file: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), "leapmux-secret-"));
  file = path.join(home, "password");
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function environment(variables: Record<string, string>): Environment {
  return {
    variables,
    workingDir: home,
    homeDir: home,
    configHome: home,
    noColor: true,
    hasScreen: false,
  };
}
const load = (variables: Record<string, string>, typed: [string, string][] = []) =>
  loadSettings(hubSettings, new Map(typed), environment(variables)).values;
const write = (content: string, mode = 0o600): void => {
  writeFileSync(file, content);
  chmodSync(file, mode);
};

test("every secret setting also comes out of a file", () => {
  let secrets = 0;
  for (const settings of everyCommand) {
    for (const [name, { secret }] of Object.entries(settings.table)) {
      if (secret !== true) continue;
      secrets += 1;
      expect(settings.table[`${name}File`], name).toMatchObject({ holds: name });
      expect(variableName(settings, `${name}File`)).toBe(`${variableName(settings, name)}_FILE`);
    }
  }
  expect(secrets).toBeGreaterThan(3);
});

test("by flag, variable and key of the file; the newline at its end is cut", () => {
  write("pass word \r\n");
  expect(load({ LEAPMUX_HUB_SMTP_PASSWORD_FILE: file }).smtpPassword).toBe("pass word");
  write("p\n");
  expect(load({}, [["smtpPasswordFile", "password"]]).smtpPassword).toBe("p");
  mkdirSync(path.join(home, "leapmux", "hub"), { recursive: true });
  const yaml = path.join(home, "leapmux", "hub", "config.yaml");
  writeFileSync(yaml, "smtp_password_file: ../../password\n");
  expect(load({}).smtpPassword).toBe("p");
  const worker = loadSettings(
    workerSettings,
    new Map(),
    environment({ LEAPMUX_WORKER_REGISTRATION_KEY_FILE: file }),
  );
  expect(worker.values.registrationKey).toBe("p");
});

test("both at once are refused, without a word of either", () => {
  write("in the file");
  const both = () =>
    load({ LEAPMUX_HUB_SMTP_PASSWORD: "typed", LEAPMUX_HUB_SMTP_PASSWORD_FILE: file });
  expect(both).toThrow(/SMTP_PASSWORD and LEAPMUX_HUB_SMTP_PASSWORD_FILE say the same thing/);
  expect(both).not.toThrow(/typed|in the file/);
});

test.each([0o640, 0o604, 0o644])("a file that others may read (%o) is refused", (mode) => {
  write("in the file", mode);
  const refused = () => load({ LEAPMUX_HUB_SMTP_PASSWORD_FILE: file });
  expect(refused).toThrow(expect.objectContaining({ next: expect.stringContaining("chmod 600") }));
  expect(refused).not.toThrow("in the file");
});

test.each([
  ["empty", () => write("\n"), /is empty/],
  ["too long", () => write("secret".repeat(1000)), /longer than 4096 bytes/],
  ["absent", () => undefined, /cannot be read \(ENOENT\)/],
  ["a directory", () => mkdirSync(file), /is not a file/],
])("one that is %s is refused", (_, make, message) => {
  make();
  const refused = () => load({ LEAPMUX_HUB_SMTP_PASSWORD_FILE: file });
  expect(refused).toThrow(message);
  expect(refused).not.toThrow("secretsecret");
});
