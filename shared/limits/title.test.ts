import { expect, test } from "vitest";
import { checkTitle, maxTitleLength } from "./title.ts";

test("a title is what is left between the spaces", () => {
  expect(checkTitle("  Build machine ")).toEqual({ ok: true, title: "Build machine" });
  const long = "🖥".repeat(maxTitleLength);
  expect(checkTitle(long)).toEqual({ ok: true, title: long });
});

test("nothing, too much, and what steers a terminal or turns text around is none", () => {
  for (const text of ["", " \n ", "x".repeat(maxTitleLength + 1)]) {
    expect(checkTitle(text)).toEqual({ ok: false, why: "length" });
  }
  for (const sign of ["\0", "\u001b", "\u009b", "\u202e", "\u2069", "\u2028", "\u2029", "\ud800"]) {
    expect(checkTitle(`a${sign}b`)).toEqual({ ok: false, why: "control" });
  }
});
