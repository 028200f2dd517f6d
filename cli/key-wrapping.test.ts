import { expect, test } from "vitest";
import { commandLine } from "./config/value-types.ts";
import { keyWrapping } from "./key-wrapping.ts";

test("each kind takes what it needs", () => {
  expect(keyWrapping({ encryptionKeyWrap: "none" })).toEqual({ kind: "none" });
  expect(keyWrapping({ encryptionKeyWrap: "file", encryptionKeyWrapFile: "/kek" })).toEqual({
    kind: "file",
    path: "/kek",
  });
  expect(keyWrapping({ encryptionKeyWrap: "command", encryptionKeyWrapCommand: ["kms"] })).toEqual({
    kind: "command",
    command: ["kms"],
  });
  const ask = () => Promise.resolve("asked for");
  const asked = keyWrapping({ encryptionKeyWrap: "passphrase" }, ask);
  expect(asked).toEqual({ kind: "passphrase", passphrase: ask });
});

test.each([
  [{ encryptionKeyWrap: "file" }, /needs encryption-key-wrap-file/],
  [{ encryptionKeyWrap: "command" }, /needs encryption-key-wrap-command/],
  [{ encryptionKeyWrap: "passphrase" }, /no terminal to ask at/],
  [{ encryptionKeyWrap: "none", encryptionKeyWrapFile: "/kek" }, /means nothing with/],
  [
    { encryptionKeyWrap: "file", encryptionKeyWrapFile: "/k", encryptionKeyPassphrase: "hush" },
    /encryption-key-passphrase means nothing/,
  ],
] as const)("%o is refused", (settings, message) => {
  const refused = () => keyWrapping(settings);
  expect(refused).toThrow(message);
  expect(refused).not.toThrow("hush");
});

test("a command is words or a list, and nothing for a shell", () => {
  expect(commandLine.parse(" kms  decrypt --key=a ")).toEqual(["kms", "decrypt", "--key=a"]);
  expect(commandLine.parse('["kms", "a b", "$x"]')).toEqual(["kms", "a b", "$x"]);
  for (const text of ["", "  ", "kms | tail", "kms $(id)", "'a b'", "[1]", "[]", '[""]', "[x"]) {
    expect(commandLine.safeParse(text).success, text).toBe(false);
  }
});
