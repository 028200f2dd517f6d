import { expect, test } from "vitest";
import { commandLine } from "./config/value-types.ts";
import { keyWrapping } from "./key-wrapping.ts";

test("each kind takes what it needs", async () => {
  expect(await keyWrapping({ encryptionKeyWrap: "none" })).toEqual({ kind: "none" });
  expect(await keyWrapping({ encryptionKeyWrap: "file", encryptionKeyWrapFile: "/kek" })).toEqual({
    kind: "file",
    path: "/kek",
  });
  expect(
    await keyWrapping({ encryptionKeyWrap: "command", encryptionKeyWrapCommand: ["kms"] }),
  ).toEqual({ kind: "command", command: ["kms"] });
  const asked = await keyWrapping({ encryptionKeyWrap: "passphrase" }, () =>
    Promise.resolve("asked for"),
  );
  expect(asked).toEqual({ kind: "passphrase", passphrase: "asked for" });
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
] as const)("%o is refused", async (settings, message) => {
  const refused = keyWrapping(settings);
  await expect(refused).rejects.toThrow(message);
  await expect(refused).rejects.not.toThrow("hush");
});

test("a command is words or a list, and nothing for a shell", () => {
  expect(commandLine.parse(" kms  decrypt --key=a ")).toEqual(["kms", "decrypt", "--key=a"]);
  expect(commandLine.parse('["kms", "a b", "$x"]')).toEqual(["kms", "a b", "$x"]);
  for (const text of ["", "  ", "kms | tail", "kms $(id)", "'a b'", "[1]", "[]", '[""]', "[x"]) {
    expect(commandLine.safeParse(text).success, text).toBe(false);
  }
});
