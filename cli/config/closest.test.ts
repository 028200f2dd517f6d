import { describe, expect, test } from "vitest";
import { closest } from "./closest.ts";

describe("closest", () => {
  const known = ["listen", "data-dir", "log-level", "encryption-mode"];

  test.each([
    ["lisen", "listen"],
    ["lsiten", "listen"],
    ["datadir", "data-dir"],
    ["loglevel", "log-level"],
    ["encryption-mod", "encryption-mode"],
  ])("%s is near %s", (word, expected) => {
    expect(closest(word, known)).toBe(expected);
  });

  test.each(["x", "frobnicate", ""])("nothing is near %j", (word) => {
    expect(closest(word, known)).toBeUndefined();
  });
});
