import { expect, test } from "vitest";
import { cleanTitle, maxTitleLength } from "./clean-title.ts";

test("controls and marks that turn the direction are dropped", () => {
  expect(cleanTitle("a\u0007b\u001b[31mc\u009b\u202ed\n")).toBe("ab[31mcd");
});

test("at most 128 characters, none of them cut in half", () => {
  expect(Array.from(cleanTitle("😀".repeat(500)))).toHaveLength(maxTitleLength);
  expect(cleanTitle("😀".repeat(500)).endsWith("😀")).toBe(true);
  expect(cleanTitle("x".repeat(1_000_000))).toHaveLength(maxTitleLength);
});
