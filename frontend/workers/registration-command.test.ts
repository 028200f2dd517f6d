import { expect, it } from "vitest";
import { formatRegistrationCommand } from "./registration-command.ts";

const command = { hubUrl: "https://hub.example", key: "lmk_a.b", name: "", isShared: false };

it("is one line to paste", () => {
  expect(formatRegistrationCommand(command)).toBe(
    "leapmux worker --hub https://hub.example --registration-key lmk_a.b",
  );
});

it("keeps the key out of the flags of a shared machine", () => {
  expect(formatRegistrationCommand({ ...command, isShared: true })).toBe(
    " LEAPMUX_WORKER_REGISTRATION_KEY=lmk_a.b leapmux worker --hub https://hub.example",
  );
});

it.each([
  ["build-1", "--name build-1"],
  [" the big one ", "--name 'the big one'"],
  ["Ann's", "--name 'Ann'\\''s'"],
  ["$(reboot)", "--name '$(reboot)'"],
  ["-x", "--name '-x'"],
])("passes the name %j as one word", (name, flag) => {
  expect(formatRegistrationCommand({ ...command, name })).toMatch(
    new RegExp(`${flag.replaceAll(/[$()\\.]/g, "\\$&")}$`),
  );
});
