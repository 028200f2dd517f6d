import { expect, it } from "vitest";
import { formatUserCode } from "./format-user-code.ts";

it.each([
  ["", ""],
  ["abcd", "ABCD"],
  ["abcde", "ABCD-E"],
  ["ABCD-1234", "ABCD-1234"],
  [" abcd 1234 99", "ABCD-1234"],
  ["<b>", "B"],
])("%s", (typed, code) => expect(formatUserCode(typed)).toBe(code));
