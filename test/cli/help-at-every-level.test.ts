import { describe, expect, test } from "vitest";
import { everyCommand, flagName, variableName } from "@leapmux/cli/config/settings.ts";
import { cleanupAfterFile } from "../harness/cleanup.ts";
import { runLeapmux } from "./run-leapmux.ts";

// Shared, because concurrent tests must not clean up after each other.
const cleanup = cleanupAfterFile();
const tokens = ["-h", "-help", "--help", "help"];
const levels = [
  [],
  ["solo"],
  ["hub"],
  ["worker"],
  ["worker", "fingerprint"],
  ["worker", "devices"],
  ["worker", "devices", "list"],
  ["worker", "devices", "approve"],
  ["worker", "devices", "revoke"],
  ["dev"],
  ["login"],
  ["logout"],
  ["open"],
  ["verify"],
  ["shell"],
  ["workers"],
  ["device"],
  ["pins"],
  ["pins", "list"],
  ["pins", "remove"],
  ["admin"],
  ["admin", "user"],
  ["admin", "user", "list"],
  ["admin", "worker", "reg-key", "list"],
  ["admin", "login", "revoke"],
  ["version"],
  ["completion"],
];

describe.concurrent("help", () => {
  test.each(levels.flatMap((level) => tokens.map((token) => ({ args: [...level, token] }))))(
    "leapmux $args",
    async ({ args }) => {
      const { code, stdout, stderr } = await runLeapmux(cleanup, args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(/^Usage: leapmux /);
    },
  );

  test("`leapmux help solo` is the help of solo", async () => {
    const { code, stdout } = await runLeapmux(cleanup, ["help", "solo"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: leapmux solo /);
  });

  test.each(everyCommand.map((settings) => ({ name: settings.command, settings })))(
    "the help of $name names every flag and variable",
    async ({ settings }) => {
      const { stdout } = await runLeapmux(cleanup, [settings.command, "--help"]);
      const words = stdout.replaceAll(/\s+/g, " ");
      for (const [name, setting] of Object.entries(settings.table)) {
        if (setting.refused !== undefined) continue;
        expect(words).toContain(`--${flagName(name)}`);
        expect(words).toContain(variableName(settings, name));
        expect(words).toContain(setting.description);
      }
    },
  );
});
