import fc from "fast-check";
import { expect, test } from "vitest";
import { makeEscapeReader, type Typed } from "./read-escapes.ts";

function read(...parts: string[]): (string | "<leave>" | "<help>")[] {
  const reader = makeEscapeReader();
  const typed = parts.flatMap((part) => reader(Buffer.from(part, "latin1")));
  return typed.map((each: Typed) =>
    each.kind === "input" ? Buffer.from(each.data).toString("latin1") : `<${each.kind}>`,
  );
}

test("~. leaves at the very beginning and after a line, and nowhere else", () => {
  expect(read("~.")).toEqual(["<leave>"]);
  expect(read("ls\r~.")).toEqual(["ls\r", "<leave>"]);
  expect(read("ls\n~.")).toEqual(["ls\n", "<leave>"]);
  expect(read("cd ~.")).toEqual(["cd ~."]);
  expect(read("~", ".")).toEqual(["<leave>"]);
});

test("a tilde that leads to nothing is sent, one that was doubled once", () => {
  expect(read("~/bin\r")).toEqual(["~/bin\r"]);
  expect(read("~~.\r")).toEqual(["~.\r"]);
  expect(read("~?", "x")).toEqual(["<help>", "x"]);
  expect(read("~\r~.")).toEqual(["~\r", "<leave>"]);
});

test("where the bytes are cut makes no difference", () => {
  const some = fc.array(fc.constantFrom("~", ".", "?", "\r", "\n", "a", "\u00ff"), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(some, (characters) => {
      expect(read(...characters).join("")).toBe(read(characters.join("")).join(""));
    }),
  );
});
